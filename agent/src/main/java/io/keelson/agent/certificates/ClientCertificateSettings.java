package io.keelson.agent.certificates;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a node comes to be known to the API.
 *
 * @param node its name
 * @param kubeconfig where the API is, and what is shown to it ({@code --kubeconfig}); is written after a bootstrap
 * @param bootstrapKubeconfig with a token that is good for asking for a certificate ({@code --bootstrap-kubeconfig});
 *     used where the other one is not there, or its certificate has come to its end
 * @param folder of keys and certificates ({@code --cert-dir})
 * @param rotate whether the certificate is renewed in time ({@code rotateCertificates})
 * @param patience how long an approval is waited for
 */
public record ClientCertificateSettings(
        String node,
        Path kubeconfig,
        Optional<Path> bootstrapKubeconfig,
        Path folder,
        boolean rotate,
        Duration patience) {
    /** As long as the kubelet waits before it ends. */
    public static final Duration PATIENCE = Duration.ofMinutes(15);
}
