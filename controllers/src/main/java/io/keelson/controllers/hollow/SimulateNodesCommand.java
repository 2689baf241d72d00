package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.process.GracefulShutdown;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs hollow nodes until it is told to end. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Makes nodes without machines, and plays the pods that are bound to them, until it is told to end.",
            "The nodes stay; 'kubectl delete node -l " + HollowNode.LABEL + "' removes them."
        })
public final class SimulateNodesCommand implements Callable<Integer> {
    private static final Map<String, String> CAPACITY = Map.of("cpu", "8", "memory", "32Gi", "pods", "110");
    private static final int REPORT_MILLIS = 200;
    private static final Duration END_MAX = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--count",
            paramLabel = "NUMBER",
            defaultValue = "10",
            description = "How many nodes. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            defaultValue = "hollow",
            description = "What their names begin with: NAME-0, NAME-1 and so on. Default: ${DEFAULT-VALUE}.")
    private String prefix = "hollow";

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API. Default: as kubectl finds it.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "What happens to pods, in YAML. Default: pods of Jobs succeed after 5 s, others run on.")
    private @Nullable Path rules;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "What the jitter of times is drawn from. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--capacity",
            paramLabel = "RESOURCE=AMOUNT",
            split = ",",
            description = "What each node has. Default: cpu=8,memory=32Gi,pods=110; what is not given stays so.")
    private Map<String, String> capacity = Map.of();

    @Option(
            names = "--zones",
            paramLabel = "NUMBER",
            defaultValue = "0",
            description = "Over how many zones they are spread. Default: none.")
    private int zones;

    @Option(
            names = "--qps",
            paramLabel = "NUMBER",
            defaultValue = "0",
            description = "How many writes per second at most, renewals of Leases not counted. Default: no limit.")
    private double qps;

    @Option(
            names = "--serve-metrics",
            paramLabel = "HOST",
            arity = "0..1",
            fallbackValue = "localhost",
            description = {
                "Serve what pods use by the rules as metrics.k8s.io, for 'kubectl top' and autoscalers.",
                "HOST is this machine as the API server finds it. Default without a value: localhost."
            })
    private @Nullable String metricsHost;

    @Override
    public Integer call() {
        HollowSettings settings = settings();
        try {
            return GracefulShutdown.run(END_MAX, () -> simulate(settings));
        } catch (KubernetesClientException e) {
            spec.commandLine().getErr().println("the API cannot be reached: " + e.getMessage());
            return 1;
        } catch (IllegalStateException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private int simulate(HollowSettings settings) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (KubernetesClient client = client();
                Time time = Time.system();
                HollowCluster cluster = new HollowCluster(settings, client, time, metricsHost != null);
                AggregatedApi metrics = metrics(client, cluster)) {
            out.println("simulating nodes of a cluster of version "
                    + client.getKubernetesVersion().getGitVersion());
            out.flush();
            cluster.start();
            if (metrics != null) {
                metrics.register();
                out.println(ResourceMetrics.GROUP_VERSION + " is served on port " + metrics.port());
            }
            while (cluster.registeredNodes() < settings.count()) {
                Thread.sleep(REPORT_MILLIS);
            }
            out.println(settings.count() + " nodes are registered");
            out.flush();
            GracefulShutdown.await();
            return 0;
        }
    }

    private @Nullable AggregatedApi metrics(KubernetesClient client, HollowCluster cluster) {
        if (metricsHost == null) {
            return null;
        }
        try {
            return new AggregatedApi(
                    client, metricsHost, "hollow-metrics", List.of(ResourceMetrics.GROUP_VERSION), cluster.metrics());
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), "--serve-metrics: cannot listen at " + metricsHost + ": " + e.getMessage(), e);
        }
    }

    private HollowSettings settings() {
        Map<String, String> all = new HashMap<>(CAPACITY);
        all.putAll(capacity);
        try {
            PodRules read = rules == null ? PodRules.defaults(seed) : PodRules.parse(text(rules), seed);
            return new HollowSettings(count, prefix, all, zones, qps, read);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private KubernetesClient client() {
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            throw new ParameterException(spec.commandLine(), "cannot read " + kubeconfig);
        }
        // Files that it names are found from where it is.
        Config config = kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(kubeconfig.toFile());
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    private String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
