package io.keelson.kvstore.client;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is secured with, as PEM files.
 *
 * @param trusted certificates of the authorities that may sign the server's; null for those the JDK trusts
 * @param certificate chain this client identifies itself with; null for none, and then {@code key} is null too
 * @param key private key (PKCS#8) of {@code certificate}
 * @param verifyServer false accepts any server: for tests only
 */
public record TlsFiles(
        @Nullable Path trusted,
        @Nullable Path certificate,
        @Nullable Path key,
        boolean verifyServer) {
    public TlsFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("KeyFile and CertFile must both be present[key: "
                    + (key == null ? "" : key) + ", cert: " + (certificate == null ? "" : certificate) + "]");
        }
    }
}
