package io.keelson.scheduler;

import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.manager.ComponentFlags;
import io.keelson.controllers.manager.ComponentSettings;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.scheduler.config.ConfigurationFile;
import io.keelson.scheduler.config.SchedulerConfiguration;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code keelson scheduler}: gives pods their nodes, with the flags and the configuration file of kube-scheduler. */
@Command(
        name = "scheduler",
        description = "Gives the pods of a cluster their nodes, with kube-scheduler's flags.",
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class SchedulerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerCommand.class);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ComponentFlags component = new ComponentFlags("kube-scheduler", 10259, 100);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "A KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1: profiles, extenders and more. How"
                            + " the API is reached and who acts is taken from there as well; flags of the election that"
                            + " are given win, --kubeconfig counts if the file names none.")
    private @Nullable Path file;

    @Option(
            names = "--write-config-to",
            paramLabel = "FILE",
            description = "Writes the configuration with all defaults there, and ends.")
    private @Nullable Path writeTo;

    @Option(
            names = "--feature-gates",
            split = ",",
            paramLabel = "NAME=BOOL",
            description = "Features that are on or off. GenericWorkload=true: pods of a group are decided on together."
                    + " GangScheduling=true, with it: none is bound before enough of them have nodes. Others change"
                    + " nothing here.")
    private List<String> gates = List.of();

    @Option(
            names = "--pod-max-in-unschedulable-pods-duration",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = DurationConverter.class,
            description =
                    "How long a pod that no node can take waits at most for something to happen that helps it; then it is"
                            + " tried all the same. At least 30s. Default: 5m")
    private Duration waitingMax;

    @Option(
            names = {"-v", "--v"},
            defaultValue = "0",
            paramLabel = "LEVEL",
            description = "How much is logged: from 2 on, each binding; from 3 on, each decision. Default: 0")
    private int verbosity;

    /** What is no flag here; {@link ComponentFlags#check} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() {
        ComponentSettings process;
        SchedulerSettings settings;
        boolean delayed;
        component.check(others);
        try {
            SchedulerConfiguration configuration = configuration();
            delayed = configuration.delayCacheUntilActive();
            settings = SchedulerSettings.of(configuration, verbosity)
                    .with(SchedulerFeatures.of(gates))
                    .withWaitingMax(waitingMax);
            Scheduler.check(settings);
            if (writeTo != null) {
                write(writeTo, configuration);
                return 0;
            }
            process = file == null ? component.settings() : over(component.settings(), configuration);
            configuration.warnings().forEach(warning -> LOG.warn("--config: {}", warning));
        } catch (IOException | IllegalArgumentException e) {
            throw component.refusal(e);
        }
        return run(process, settings, delayed);
    }

    private SchedulerConfiguration configuration() throws IOException {
        if (file == null) {
            return SchedulerConfiguration.defaults();
        }
        if (!Files.isReadable(file)) {
            throw new IOException("--config: " + file + " cannot be read");
        }
        try {
            return ConfigurationFile.read(file);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--config: " + file + ": " + e.getMessage(), e);
        }
    }

    private static void write(Path target, SchedulerConfiguration configuration) throws IOException {
        try {
            Files.writeString(target, ConfigurationFile.write(configuration));
        } catch (IOException e) {
            throw new IOException("--write-config-to: " + target + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** What a file says of the process itself, and flags where they are given. */
    private ComponentSettings over(ComponentSettings flags, SchedulerConfiguration configuration) throws IOException {
        SchedulerConfiguration.ClientConnection connection = configuration.clientConnection();
        Config config = flags.config();
        if (!connection.kubeconfig().isEmpty()) {
            Path kubeconfig = Path.of(connection.kubeconfig());
            if (!Files.isReadable(kubeconfig)) {
                throw new IOException("clientConnection.kubeconfig: " + kubeconfig + " cannot be read");
            }
            config = Config.fromKubeconfig(kubeconfig.toFile());
        }
        Double perSecond = connection.qps();
        return flags.with(
                config,
                terms(configuration.leaderElection()),
                perSecond == null ? flags.callsPerSecond() : perSecond,
                perSecond == null ? flags.callsAtOnce() : connection.burst());
    }

    private @Nullable ElectionTerms terms(SchedulerConfiguration.LeaderElection said) {
        ParseResult given = spec.commandLine().getParseResult();
        if (!given.matchedOptionValue("--leader-elect", said.leaderElect())) {
            return null;
        }
        ElectionTerms terms = said.terms();
        return new ElectionTerms(
                given.matchedOptionValue("--leader-elect-resource-namespace", terms.namespace()),
                given.matchedOptionValue("--leader-elect-resource-name", terms.name()),
                given.matchedOptionValue("--leader-elect-lease-duration", terms.leaseDuration()),
                given.matchedOptionValue("--leader-elect-renew-deadline", terms.renewDeadline()),
                given.matchedOptionValue("--leader-elect-retry-period", terms.retryPeriod()));
    }

    private int run(ComponentSettings process, SchedulerSettings settings, boolean delayed) {
        PrometheusRegistry registry = new PrometheusRegistry();
        SchedulerMetrics metrics = new SchedulerMetrics(registry);
        settings.features().tell(registry);
        AtomicReference<@Nullable RunningScheduler> scheduler = new AtomicReference<>();
        return component.run(
                process,
                registry,
                Map.of("scheduling", () -> isWell(scheduler.get())),
                calls -> {
                    RunningScheduler prepared =
                            new RunningScheduler(process.config(), calls, settings, metrics, delayed);
                    scheduler.set(prepared);
                    return prepared;
                },
                () -> LOG.info("pods of {} are scheduled", settings.name()));
    }

    /** Who is not elected has nothing to do, and does it well. */
    private static boolean isWell(@Nullable RunningScheduler scheduler) {
        return scheduler == null || scheduler.well();
    }
}
