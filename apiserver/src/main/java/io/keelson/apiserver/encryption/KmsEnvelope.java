package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values encrypted with a seed that a plugin has encrypted, which stands before each of them. The plugin is asked once for
 * each seed that was ever used, not for each value: what it has opened is remembered for a day.
 */
final class KmsEnvelope implements Transformer {
    private static final Duration REMEMBERED = Duration.ofHours(24);
    private static final int SOURCES_MAX = 1_000;

    private final KmsService service;
    private final KmsProbe probe;
    private final EncryptionMetrics.Plugin metrics;
    private final InstantSource clock;

    /** By what the plugin was asked, the one used longest ago first. Guarded by itself. */
    private final LinkedHashMap<String, Opened> opened = new LinkedHashMap<>(16, 0.75f, true);

    private record Opened(Transformer transformer, Instant over) {}

    KmsEnvelope(KmsService service, KmsProbe probe, EncryptionMetrics.Plugin metrics, InstantSource clock) {
        this.service = service;
        this.probe = probe;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        KmsKey now = probe.writingKey();
        remember(name(now.source(), EncryptedObject.SEED), now.transformer());
        byte[] data = now.transformer().toStored(key, value);
        byte[] stored = new EncryptedObject(data, now.source(), EncryptedObject.SEED).encode();
        metrics.written(now.source().keyId());
        return stored;
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        EncryptedObject object = EncryptedObject.decode(stored);
        KmsKey now = probe.key();
        String name = name(object.source(), object.sourceType());
        Transformer transformer = known(name);
        if (transformer == null) {
            byte[] source;
            try {
                source = service.decrypt(UUID.randomUUID().toString(), object.source());
            } catch (GeneralSecurityException e) {
                throw new GeneralSecurityException("failed to decrypt DEK, error: " + e.getMessage(), e);
            }
            transformer = object.sourceType() == EncryptedObject.SEED ? new SeededGcm(source) : key(source);
            remember(name, transformer);
        }
        Transformer.Plain plain = transformer.fromStored(key, object.data());
        metrics.read(object.source().keyId());
        boolean stale =
                !object.source().keyId().equals(now.source().keyId()) || object.sourceType() != EncryptedObject.SEED;
        return new Transformer.Plain(plain.value(), plain.stale() || stale);
    }

    private static Transformer key(byte[] source) throws GeneralSecurityException {
        if (source.length != 16 && source.length != 24 && source.length != 32) {
            throw new GeneralSecurityException("crypto/aes: invalid key size " + source.length);
        }
        return new AesGcm(source);
    }

    private @Nullable Transformer known(String name) {
        synchronized (opened) {
            Opened found = opened.get(name);
            if (found == null || found.over().isBefore(clock.instant())) {
                return null;
            }
            return found.transformer();
        }
    }

    private void remember(String name, Transformer transformer) {
        synchronized (opened) {
            opened.put(name, new Opened(transformer, clock.instant().plus(REMEMBERED)));
            if (opened.size() > SOURCES_MAX) {
                opened.remove(opened.sequencedKeySet().getFirst());
            }
        }
    }

    /** All that the plugin is asked with. */
    private static String name(KmsService.Encrypted source, int type) {
        StringBuilder name = new StringBuilder()
                .append(type)
                .append('/')
                .append(Bytes.hex(source.bytes()))
                .append('/')
                .append(Bytes.hex(Bytes.utf8(source.keyId())));
        for (Map.Entry<String, byte[]> annotation : new TreeMap<>(source.annotations()).entrySet()) {
            name.append('/').append(annotation.getKey()).append('=').append(Bytes.hex(annotation.getValue()));
        }
        return name.toString();
    }
}
