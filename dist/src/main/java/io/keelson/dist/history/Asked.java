package io.keelson.dist.history;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.dist.KubeconfigOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What all commands about the past are asked: which object, in which cluster. */
final class Asked {
    private static final String DEFAULT_NAMESPACE = "default";

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private KubeconfigOption kubeconfig;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Default: that of the kubeconfig, or default")
    private @Nullable String namespace;

    @Parameters(arity = "1..2", paramLabel = "KIND[/NAME]", description = "As deploy/web, or deploy web")
    private List<String> words = List.of();

    /** What a command does once the cluster is reached. */
    interface Work {
        int run(Cluster cluster) throws ApiRefusal, IOException, InterruptedException;
    }

    /**
     * What a command has to do with.
     *
     * @param namespace empty if the kind is not in namespaces
     * @param name empty if no object is named
     */
    record Cluster(ApiCalls calls, Past past, Moments moments, Kind kind, String namespace, String name) {
        /** The object in words. */
        String title() {
            return kind.groupResource() + " \"" + name + '"';
        }
    }

    /** Reaches the cluster, and says in one line what goes wrong. */
    int with(boolean named, Work work) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        String[] parts = words.size() == 2
                ? words.toArray(String[]::new)
                : words.getFirst().split("/", 2);
        String name = parts.length == 2 ? parts[1] : "";
        if (named && name.isEmpty()) {
            err.println("error: name the object, as " + parts[0] + "/NAME");
            return 1;
        }
        try {
            Config config = kubeconfig.config();
            try (KubernetesClient client = ApiClient.of(config, List.of())) {
                ApiCalls calls = new ApiCalls(client);
                Kind kind = new ResourceNames(calls).find(parts[0]);
                Past past = new Past(calls);
                return work.run(new Cluster(
                        calls,
                        past,
                        new Moments(calls, past, InstantSource.system()),
                        kind,
                        kind.namespaced() ? namespace(config) : "",
                        name));
            }
        } catch (ApiRefusal e) {
            err.println("Error from server: " + e.message());
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            err.println("error: " + e.getMessage());
            return 1;
        }
    }

    private String namespace(Config config) {
        if (namespace != null) {
            return namespace;
        }
        String usual = config.getNamespace();
        return usual == null || usual.isEmpty() ? DEFAULT_NAMESPACE : usual;
    }
}
