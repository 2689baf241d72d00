package io.keelson.dist.join;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.dist.KubeconfigOption;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The cluster whose tokens are meant. */
final class ReachedCluster {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private KubeconfigOption kubeconfig;

    /** What a command does once the cluster is reached. */
    @FunctionalInterface
    interface Work {
        void run(Config config, KubernetesClient client) throws IOException;
    }

    /** Reaches it, and says in one line what goes wrong; the exit code. */
    int with(Work work) {
        try {
            Config config = kubeconfig.config();
            try (KubernetesClient client = ApiClient.of(config, List.of())) {
                work.run(config, client);
                spec.commandLine().getOut().flush();
                return 0;
            }
        } catch (KubernetesClientException e) {
            Throwable cause = e.getCode() <= 0 && e.getCause() != null ? e.getCause() : e;
            spec.commandLine().getErr().println("Error from server: " + Refusals.message(cause));
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }
}
