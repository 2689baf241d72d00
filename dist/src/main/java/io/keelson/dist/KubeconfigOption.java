package io.keelson.dist;

import io.fabric8.kubernetes.client.Config;
import io.keelson.dist.up.HomeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Says which cluster a command goes to, and as whom. */
public final class KubeconfigOption {
    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the cluster. Default: as kubectl, and then that of keelson up")
    private @Nullable Path kubeconfig;

    /**
     * What it comes to.
     *
     * @throws IOException if the file that is named cannot be read; its text says so
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
