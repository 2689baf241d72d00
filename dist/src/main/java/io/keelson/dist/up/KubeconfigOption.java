package io.keelson.dist.up;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Says by which kubeconfig a cluster is reached. */
public final class KubeconfigOption {
    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the cluster. Default: as kubectl, and then that of keelson up")
    private @Nullable Path kubeconfig;

    /**
     * What it says.
     *
     * @throws IOException if the file that was given cannot be read
     */
    public Config config() throws IOException {
        Path own = HomeFolder.cluster().resolve("kubeconfig");
        Path usual = HomeFolder.kubeconfig();
        Path file = kubeconfig;
        if (file == null && System.getenv("KUBECONFIG") == null && !Files.exists(usual) && Files.exists(own)) {
            file = own;
        }
        if (file == null) {
            return Config.autoConfigure(null);
        }
        if (!Files.isReadable(file)) {
            throw new IOException("--kubeconfig: " + file + " cannot be read");
        }
        return Config.fromKubeconfig(file.toFile());
    }
}
