package io.keelson.scheduler;

import io.keelson.controllers.manager.ComponentFlags;
import io.keelson.controllers.manager.ComponentSettings;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code keelson scheduler}: gives pods their nodes, with the flags of kube-scheduler. */
@Command(
        name = "scheduler",
        description = "Gives the pods of a cluster their nodes, with kube-scheduler's flags.",
        sortOptions = false)
public final class SchedulerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerCommand.class);

    @Mixin
    private ComponentFlags component = new ComponentFlags("kube-scheduler", 10259, 100);

    @Option(
            names = {"-v", "--v"},
            defaultValue = "0",
            paramLabel = "LEVEL",
            description = "How much is logged: from 2 on, each binding; from 3 on, each decision. Default: 0")
    private int verbosity;

    @Override
    public Integer call() throws InterruptedException {
        return run(component.settings(), settings());
    }

    private int run(ComponentSettings process, SchedulerSettings settings) throws InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        SchedulerMetrics metrics = new SchedulerMetrics(registry);
        AtomicReference<@Nullable RunningScheduler> scheduler = new AtomicReference<>();
        return component.run(
                process,
                registry,
                Map.of("scheduling", () -> isWell(scheduler.get())),
                calls -> {
                    RunningScheduler prepared = new RunningScheduler(process.config(), calls, settings, metrics);
                    scheduler.set(prepared);
                    return prepared;
                },
                () -> LOG.info("pods of {} are scheduled", settings.name()));
    }

    private SchedulerSettings settings() {
        SchedulerSettings usual = SchedulerSettings.DEFAULT;
        return new SchedulerSettings(usual.name(), usual.percentageOfNodesToScore(), usual.bindingsAtOnce(), verbosity);
    }

    private static boolean isWell(@Nullable RunningScheduler scheduler) {
        return scheduler == null || scheduler.well();
    }
}
