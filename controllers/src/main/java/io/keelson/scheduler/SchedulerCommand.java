package io.keelson.scheduler;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.ElectionFlags;
import io.keelson.controllers.manager.SecurePort;
import io.keelson.controllers.manager.ServingCertificate;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.CallMetrics;
import io.keelson.controllers.runtime.CallRate;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson scheduler}: gives pods their nodes, with the flags of kube-scheduler. */
@Command(
        name = "scheduler",
        description = "Gives the pods of a cluster their nodes, with kube-scheduler's flags.",
        sortOptions = false)
public final class SchedulerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerCommand.class);
    private static final String COMPONENT = "kube-scheduler";
    private static final int END_MILLIS_MAX = 10_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows these flags, and ends.")
    boolean help;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API. Default: as a pod of the cluster does, or by KUBECONFIG")
    private @Nullable Path kubeconfig;

    @Option(names = "--master", paramLabel = "URL", description = "Where the API is, instead of what kubeconfig says.")
    private @Nullable String master;

    @Mixin
    private ElectionFlags election;

    @Option(names = "--bind-address", defaultValue = "0.0.0.0", description = "Where to listen. Default: 0.0.0.0")
    private String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "10259",
            description = "On which port health and metrics are served; 0 for none. Default: 10259")
    private int securePort;

    @Option(
            names = "--tls-cert-file",
            paramLabel = "FILE",
            description = "The certificate to serve with. Default: one that is made at the start")
    private @Nullable Path tlsCertFile;

    @Option(names = "--tls-private-key-file", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path tlsPrivateKeyFile;

    @Option(
            names = "--kube-api-qps",
            defaultValue = "-1",
            paramLabel = "N",
            description =
                    "How many calls to the API a second; not more than none: no limit, the API server has its own."
                            + " Default: -1")
    private double callsPerSecond;

    @Option(
            names = "--kube-api-burst",
            defaultValue = "100",
            paramLabel = "N",
            description = "How many calls may be made at once after a pause, with --kube-api-qps. Default: 100")
    private int callsAtOnce;

    @Option(
            names = {"-v", "--v"},
            defaultValue = "0",
            paramLabel = "LEVEL",
            description = "How much is logged: from 2 on, each binding; from 3 on, each decision. Default: 0")
    private int verbosity;

    @Override
    public Integer call() throws InterruptedException {
        Config config;
        ElectionTerms terms;
        SSLContext tls;
        InetSocketAddress address;
        List<Interceptor> interceptors = new ArrayList<>();
        try {
            config = config();
            terms = election.elect() ? election.terms(COMPONENT) : null;
            tls = tls();
            address = new InetSocketAddress(InetAddress.getByName(bindAddress), securePort);
            if (callsPerSecond > 0) {
                interceptors.add(new CallRate(callsPerSecond, callsAtOnce));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        return run(config, terms, tls, address, interceptors);
    }

    private Config config() throws IOException {
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            throw new IOException("--kubeconfig: " + kubeconfig + " cannot be read");
        }
        Config config = kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(kubeconfig.toFile());
        if (master != null) {
            config.setMasterUrl(master);
        }
        return config;
    }

    private SSLContext tls() throws IOException {
        if (tlsCertFile == null && tlsPrivateKeyFile == null) {
            return ServingCertificate.selfSigned(COMPONENT);
        }
        if (tlsCertFile == null || tlsPrivateKeyFile == null) {
            throw new IOException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        return ServingCertificate.of(tlsCertFile, tlsPrivateKeyFile);
    }

    private int run(
            Config config,
            @Nullable ElectionTerms terms,
            SSLContext tls,
            InetSocketAddress address,
            List<Interceptor> interceptors)
            throws InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        SchedulerMetrics metrics = new SchedulerMetrics(registry);
        interceptors.add(new CallMetrics(registry));
        LedProcess process = new LedProcess(config, terms, identity(), interceptors);
        AtomicReference<@Nullable RunningScheduler> scheduler = new AtomicReference<>();
        AtomicBoolean ending = new AtomicBoolean();
        Thread running = Thread.currentThread();
        Thread atExit = Thread.ofPlatform().unstarted(() -> {
            ending.set(true);
            running.interrupt();
            join(running);
        });
        try (KubernetesClient reviews = ApiClient.of(config, List.of());
                SecurePort _ = securePort == 0
                        ? null
                        : new SecurePort(
                                address,
                                tls,
                                new DelegatedAccess(reviews, InstantSource.system()),
                                registry,
                                Map.of("ping", () -> true, "scheduling", () -> isWell(scheduler.get())))) {
            Runtime.getRuntime().addShutdownHook(atExit);
            process.run(
                    fenced -> {
                        RunningScheduler started = new RunningScheduler(config, fenced, settings(), metrics);
                        scheduler.set(started);
                        return started;
                    },
                    () -> LOG.info("pods of {} are scheduled", settings().name()));
            return 1;
        } catch (InterruptedException e) {
            if (ending.get()) {
                return 0;
            }
            throw e;
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), "error: cannot listen at " + address + ": " + e.getMessage(), e);
        } catch (KubernetesClientException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private SchedulerSettings settings() {
        SchedulerSettings usual = SchedulerSettings.DEFAULT;
        return new SchedulerSettings(usual.name(), usual.percentageOfNodesToScore(), usual.bindingsAtOnce(), verbosity);
    }

    /** Who is not elected has nothing to do, and does it well. */
    private static boolean isWell(@Nullable RunningScheduler scheduler) {
        return scheduler == null || scheduler.running();
    }

    /** The process does not end before its work has, and its lease is free. */
    private static void join(Thread thread) {
        try {
            thread.join(END_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String identity() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A machine without a name: the rest is unique all the same.
            host = "localhost";
        }
        return host + '_' + UUID.randomUUID();
    }
}
