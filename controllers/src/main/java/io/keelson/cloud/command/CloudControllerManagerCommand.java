package io.keelson.cloud.command;

import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.node.CloudNodeSettings;
import io.keelson.cloud.route.NodeRouteSettings;
import io.keelson.cloud.service.ServiceLoadBalancerSettings;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.manager.ComponentFlags;
import io.keelson.controllers.manager.ComponentSettings;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.runtime.ControllerMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code keelson cloud-controller-manager}: runs the cloud's controllers with the flags of the original. */
@Command(
        name = "cloud-controller-manager",
        description = "Runs the controllers that ask a cloud, with cloud-controller-manager's flags.",
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class CloudControllerManagerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(CloudControllerManagerCommand.class);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ComponentFlags component = new ComponentFlags("cloud-controller-manager", 10258, 30);

    @Option(
            names = "--cloud-provider",
            defaultValue = "",
            paramLabel = "NAME",
            description = "Which cloud: local (this machine), file (machines in a file) or webhook (a server).")
    private String provider;

    @Option(
            names = "--cloud-config",
            paramLabel = "FILE",
            description = "What that cloud needs to know. Default: none, which is enough for local only")
    private @Nullable Path config;

    @Option(
            names = "--cluster-name",
            defaultValue = "kubernetes",
            paramLabel = "NAME",
            description = "What the cloud calls the cluster. Default: kubernetes")
    private String cluster;

    @Option(
            names = "--cluster-cidr",
            paramLabel = "CIDR",
            split = ",",
            description = "From which ranges nodes have those of their pods: one, or one of each family.")
    private @Nullable List<String> clusterCidrs;

    @Option(
            names = "--allocate-node-cidrs",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            paramLabel = "BOOL",
            description = "Whether nodes get such ranges; only then are there routes to make. Default: false")
    private boolean allocateNodeCidrs;

    @Option(
            names = "--configure-cloud-routes",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            paramLabel = "BOOL",
            description = "Whether the cloud is to have routes to them, with --allocate-node-cidrs. Default: true")
    private boolean configureCloudRoutes;

    @Option(
            names = "--controllers",
            split = ",",
            defaultValue = "*",
            paramLabel = "NAME",
            description = "Which controllers run: foo, -foo, or * for all. Default: *")
    private List<String> controllers;

    @Option(
            names = "--node-status-update-frequency",
            defaultValue = "5m",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often addresses of nodes are asked for. Default: 5m")
    private Duration nodeStatusUpdateFrequency;

    @Option(
            names = "--node-monitor-period",
            defaultValue = "5s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often machines of nodes that are not ready are looked for. Default: 5s")
    private Duration nodeMonitorPeriod;

    @Option(
            names = "--route-reconciliation-period",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often routes are looked at. Default: 10s")
    private Duration routeReconciliationPeriod;

    @Option(
            names = "--concurrent-service-syncs",
            defaultValue = "1",
            paramLabel = "N",
            description = "How many Services are worked on at a time. Default: 1")
    private int serviceSyncs;

    @Option(
            names = "--concurrent-node-syncs",
            defaultValue = "1",
            paramLabel = "N",
            description = "How many nodes are worked on at a time. Default: 1")
    private int nodeSyncs;

    /** What is no flag here; {@link ComponentFlags#check} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() {
        component.check(others);
        ComponentSettings settings = component.settings();
        ProviderChoice choice;
        CloudControllers chosen;
        try {
            choice = ProviderChoice.of(provider, config);
            chosen = chosen();
            check(choice);
        } catch (ConfigException | IOException | IllegalArgumentException e) {
            throw component.refusal(e);
        }
        ControllerMetrics metrics = new ControllerMetrics();
        try {
            return component.run(
                    settings,
                    metrics.registry(),
                    Map.of(),
                    interceptors -> new RunningCloud(settings.config(), interceptors, choice, chosen, metrics),
                    () -> LOG.info("the controllers run with the provider {}", provider));
        } catch (CloudException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private CloudControllers chosen() {
        if (serviceSyncs < 1 || nodeSyncs < 1) {
            throw new IllegalArgumentException(
                    "--concurrent-service-syncs and --concurrent-node-syncs must be at least 1");
        }
        boolean routes = allocateNodeCidrs && configureCloudRoutes;
        return new CloudControllers(
                CloudControllers.chosen(controllers),
                new CloudNodeSettings(nodeStatusUpdateFrequency, nodeSyncs, nodeMonitorPeriod),
                new ServiceLoadBalancerSettings(cluster, serviceSyncs),
                routes
                        ? NodeRouteSettings.of(
                                cluster, clusterCidrs == null ? List.of() : clusterCidrs, routeReconciliationPeriod)
                        : null);
    }

    /** A mistake in a file is told before somebody else's lease is waited for. */
    private static void check(ProviderChoice choice) throws ConfigException, IOException {
        CloudProvider opened = choice.open(() -> false);
        opened.close();
    }
}
