package io.keelson.apiserver.encryption;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.store.Transformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts what goes into the store as the file of {@code --encryption-provider-config} says. If wanted, the file is read
 * again when it has changed: a configuration that cannot be read, or whose plugins are not well, changes nothing. Any thread.
 */
public final class EncryptionAtRest implements Transformer, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EncryptionAtRest.class);

    private static final Duration RELOAD_PAUSE = Duration.ofMinutes(1);
    private static final Duration RELOAD_RETRY = Duration.ofSeconds(5);
    private static final Duration PLUGINS_MAX = Duration.ofSeconds(10);
    private static final long PLUGINS_PAUSE_MS = 100;
    private static final long FILE_BYTES_MAX = 1L << 20;

    private final Path file;
    private final boolean reloads;
    private final Function<String, @Nullable GroupResource> resources;
    private final EncryptionMetrics metrics;
    private final InstantSource clock;
    private final @Nullable Thread reloading;
    private volatile Loaded loaded;

    /** @param hash of the file, to see whether it is another */
    private record Loaded(Encryption encryption, byte[] hash) {}

    private EncryptionAtRest(
            Path file,
            boolean reloads,
            Function<String, @Nullable GroupResource> resources,
            EncryptionMetrics metrics,
            InstantSource clock,
            Loaded loaded) {
        this.metrics = metrics;
        this.file = file;
        this.reloads = reloads;
        this.resources = resources;
        this.clock = clock;
        this.loaded = loaded;
        this.reloading = reloads ? Thread.ofVirtual().name("encryption-reload").unstarted(this::follow) : null;
    }

    /**
     * Reads the file.
     *
     * @param reloads whether it is read again when it has changed
     * @param resources the resource of an object, by its key in the store; null for what is no object
     * @throws EncryptionException if it cannot be used
     */
    public static EncryptionAtRest open(
            Path file,
            boolean reloads,
            Function<String, @Nullable GroupResource> resources,
            EncryptionMetrics metrics,
            InstantSource clock)
            throws EncryptionException {
        byte[] bytes = read(file);
        Loaded loaded = new Loaded(Encryption.open(settings(file, bytes), metrics, clock), hash(bytes));
        EncryptionAtRest encryption = new EncryptionAtRest(file, reloads, resources, metrics, clock, loaded);
        Thread thread = encryption.reloading;
        if (thread != null) {
            thread.start();
        }
        return encryption;
    }

    private static Settings settings(Path file, byte[] bytes) throws EncryptionException {
        try {
            return SettingsFile.read(file.toString(), bytes);
        } catch (EncryptionException e) {
            throw new EncryptionException("error while parsing file: " + e.getMessage(), e);
        }
    }

    private static byte[] read(Path file) throws EncryptionException {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new EncryptionException("encryption provider configuration file \"" + file + "\" has more than "
                        + FILE_BYTES_MAX + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new EncryptionException(
                    "error while parsing file: error while loading file: error reading encryption provider"
                            + " configuration file \"" + file + "\": " + e,
                    e);
        }
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Transformer transformer(String key) {
        return loaded.encryption().rules().of(resources.apply(key));
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        return transformer(key).toStored(key, value);
    }

    @Override
    public Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        return transformer(key).fromStored(key, stored);
    }

    /** Whether there is anything to be checked, as {@code kms-providers}. */
    public boolean isChecked() {
        return reloads || loaded.encryption().usesPlugins();
    }

    /** What is wrong; null if nothing is. */
    public @Nullable String problem() {
        return loaded.encryption().problem();
    }

    private void follow() {
        try {
            boolean well = true;
            while (true) {
                Thread.sleep(well ? RELOAD_PAUSE : RELOAD_RETRY);
                try {
                    well = reload();
                } catch (RuntimeException | Error e) {
                    // Nobody else looks at the file.
                    log.error("the encryption configuration could not be read again", e);
                    well = false;
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Reads the file again if it has changed.
     *
     * @return false if it cannot be used as it is
     */
    boolean reload() throws InterruptedException {
        Loaded before = loaded;
        try {
            byte[] bytes = read(file);
            byte[] hash = hash(bytes);
            if (Arrays.equals(hash, before.hash())) {
                return true;
            }
            Encryption next = Encryption.open(settings(file, bytes), metrics, clock);
            String problem = awaitPlugins(next);
            if (problem != null) {
                next.close();
                throw new EncryptionException("health check for new transformers failed: " + problem);
            }
            loaded = new Loaded(next, hash);
            log.info("{} was read again", file);
            metrics.reloaded(true);
            closeLater(before.encryption());
            return true;
        } catch (EncryptionException e) {
            log.warn("error processing encryption config file {}: {}", file, e.getMessage());
            metrics.reloaded(false);
            return false;
        }
    }

    private static @Nullable String awaitPlugins(Encryption encryption) throws InterruptedException {
        Duration patience = encryption.patience().compareTo(PLUGINS_MAX) < 0 ? PLUGINS_MAX : encryption.patience();
        long end = System.nanoTime() + patience.toNanos();
        String problem = encryption.problem();
        while (problem != null && System.nanoTime() < end) {
            Thread.sleep(PLUGINS_PAUSE_MS);
            problem = encryption.problem();
        }
        return problem;
    }

    /** Calls that began with it may still be under way. */
    private static void closeLater(Encryption former) {
        Thread.ofVirtual().name("encryption-former").start(() -> {
            try {
                Thread.sleep(former.patience());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                former.close();
            }
        });
    }

    @Override
    public void close() {
        Thread thread = reloading;
        if (thread != null) {
            thread.interrupt();
        }
        loaded.encryption().close();
    }
}
