package io.keelson.apiserver.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.encryption.Settings.Algorithm;
import io.keelson.apiserver.encryption.Settings.ProviderSettings;
import io.keelson.apiserver.encryption.Settings.ProviderSettings.Identity;
import io.keelson.apiserver.encryption.Settings.ProviderSettings.Keys;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.store.Transformer;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Whatever is written is read again, with the same keys in any order, and with no others. */
final class ProvidersProperties {
    private static final EncryptionMetrics NO_PLUGINS =
            new EncryptionMetrics(new Metrics(), "server", InstantSource.system());
    private static final GroupResource SECRETS = new GroupResource("", "secrets");
    private static final String PATH = "/registry/secrets/default/db";

    private static Transformer of(List<ProviderSettings> providers) throws EncryptionException {
        Settings settings = new Settings(List.of(new Settings.Rule(List.of("secrets"), providers)));
        try (Encryption encryption = Encryption.open(settings, NO_PLUGINS, InstantSource.system())) {
            return encryption.rules().of(SECRETS);
        }
    }

    private static Settings.Key key(int number) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) number);
        return new Settings.Key("key" + number, secret);
    }

    private static Algorithm algorithm(int number) {
        return switch (number) {
            case 0 -> Algorithm.AES_CBC;
            case 1 -> Algorithm.AES_GCM;
            default -> Algorithm.SECRET_BOX;
        };
    }

    private static ProviderSettings provider(int number) {
        return number == 0 ? new Identity() : new Keys(algorithm(number % 3), List.of(key(number)));
    }

    @Property(tries = 300)
    void everythingIsReadAgain(@ForAll @IntRange(max = 6) int number, @ForAll @Size(max = 200) byte[] value)
            throws Exception {
        if (number == 0 && new String(value, StandardCharsets.ISO_8859_1).startsWith("k8s:enc:")) {
            return;
        }
        Transformer transformer = of(List.of(provider(number)));
        byte[] stored = transformer.toStored(PATH, value);
        Transformer.Plain plain = transformer.fromStored(PATH, stored);
        assertArrayEquals(value, plain.value());
        assertFalse(plain.stale());
    }

    @Property(tries = 300)
    void whatTheFirstHasNotWrittenIsStale(
            @ForAll @IntRange(max = 6) int writer, @ForAll long seed, @ForAll @IntRange(max = 6) int absent)
            throws Exception {
        byte[] value = "{\"kind\":\"Secret\"}".getBytes(StandardCharsets.UTF_8);
        byte[] stored = of(List.of(provider(writer))).toStored(PATH, value);
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6));
        Collections.shuffle(order, new Random(seed));
        order.remove(Integer.valueOf(absent));
        List<ProviderSettings> providers = new ArrayList<>();
        order.forEach(number -> providers.add(provider(number)));
        Transformer all = of(providers);
        if (absent == writer) {
            assertThrows(GeneralSecurityException.class, () -> all.fromStored(PATH, stored));
        } else {
            Transformer.Plain plain = all.fromStored(PATH, stored);
            assertArrayEquals(value, plain.value());
            assertEquals(order.getFirst() != writer, plain.stale());
        }
    }

    @Test
    void beginsWithProviderAndKey() throws Exception {
        Keys keys = new Keys(Algorithm.AES_CBC, List.of(key(1), key(2)));
        String stored = new String(of(List.of(keys)).toStored(PATH, new byte[3]), StandardCharsets.ISO_8859_1);
        assertEquals("k8s:enc:aescbc:v1:key1:", stored.substring(0, 23));
        assertEquals(23 + 16 + 16, stored.length());
    }

    @Test
    void aSecondKeyReadsAndIsStale() throws Exception {
        byte[] stored =
                of(List.of(new Keys(Algorithm.SECRET_BOX, List.of(key(1))))).toStored(PATH, new byte[3]);
        Transformer rotated = of(List.of(new Keys(Algorithm.SECRET_BOX, List.of(key(2), key(1)))));
        assertEquals(true, rotated.fromStored(PATH, stored).stale());
        Transformer other = of(List.of(new Keys(Algorithm.SECRET_BOX, List.of(key(2)))));
        assertEquals(
                "no matching key was found for the provided Secretbox transformer",
                assertThrows(GeneralSecurityException.class, () -> other.fromStored(PATH, stored))
                        .getMessage());
        Transformer none = of(List.of(new Keys(Algorithm.AES_GCM, List.of(key(2)))));
        assertEquals(
                "no matching prefix found",
                assertThrows(GeneralSecurityException.class, () -> none.fromStored(PATH, stored))
                        .getMessage());
    }
}
