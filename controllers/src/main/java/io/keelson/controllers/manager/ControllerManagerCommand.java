package io.keelson.controllers.manager;

import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Gauge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code keelson controller-manager}: runs the controllers with the flags of kube-controller-manager. */
@Command(
        name = "controller-manager",
        description = "Runs the controllers of a cluster, with kube-controller-manager's flags.",
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class ControllerManagerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerManagerCommand.class);

    @Mixin
    private ComponentFlags component = new ComponentFlags("kube-controller-manager", 10257, 30);

    @Option(
            names = "--controllers",
            split = ",",
            defaultValue = "*",
            paramLabel = "NAME",
            description = "Which controllers run: foo, -foo, or * for all that do by default. Default: *")
    private List<String> controllers;

    @Option(
            names = "--use-service-account-credentials",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            paramLabel = "BOOL",
            description = "Whether each controller calls the API as a service account of its own. Default: false")
    private boolean ownAccounts;

    @Mixin
    private NodeFlags nodes;

    @Mixin
    private TrustFlags trust;

    @Mixin
    private ObjectFlags objects;

    @Mixin
    private FeatureFlags features;

    @Mixin
    private WorkerFlags workers;

    /** What is no flag here; {@link ComponentFlags#check} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() {
        component.check(others);
        ComponentSettings settings = component.settings();
        List<ControllerDescriptor> chosen = chosen(settings);
        ControllerMetrics metrics = new ControllerMetrics();
        features.tell(metrics.registry());
        return component.run(
                settings,
                metrics.registry(),
                Map.of(),
                calls -> new RunningControllers(settings.config(), calls, chosen, ownAccounts, metrics),
                () -> {
                    LOG.info("{} controllers run", chosen.size());
                    tellWhatRuns(metrics, chosen);
                });
    }

    /** Says by a metric which controllers run in this process. */
    static void tellWhatRuns(ControllerMetrics metrics, List<ControllerDescriptor> controllers) {
        Gauge running = metrics.gauge(
                "running_managed_controllers", "Where controllers run: 1 if one does here", "name", "manager");
        controllers.forEach(controller -> running.labelValues(controller.name(), "kube-controller-manager")
                .set(1));
    }

    private List<ControllerDescriptor> chosen(ComponentSettings settings) {
        try {
            trust.trustAs(settings.config());
            List<ControllerDescriptor> known = KnownControllers.of(nodes, trust, objects, features);
            List<ControllerDescriptor> chosen =
                    workers.apply(KnownControllers.selection(known).choose(controllers));
            if (chosen.isEmpty()) {
                throw new IllegalArgumentException("--controllers leaves none to run");
            }
            return chosen;
        } catch (IOException | IllegalArgumentException e) {
            throw component.refusal(e);
        }
    }
}
