package io.keelson.agent.certificates;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node's server shows.
 *
 * @param node its name
 * @param hostname what the machine is called; a self-signed certificate is for that name
 * @param folder of keys and certificates ({@code --cert-dir})
 * @param certificate a file in PEM ({@code tlsCertFile}); read again when it changes
 * @param key a file in PEM ({@code tlsPrivateKeyFile})
 * @param bootstrap whether the cluster is asked to sign one, before all else ({@code serverTLSBootstrap})
 */
public record ServingCertificateSettings(
        String node, String hostname, Path folder, Optional<Path> certificate, Optional<Path> key, boolean bootstrap) {
    /** Checks that there are both files or none. */
    public ServingCertificateSettings {
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException(
                    "tlsCertFile and tlsPrivateKeyFile must be given together: neither is of use alone");
        }
    }
}
