package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.CallRate;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
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

/** {@code keelson controller-manager}: runs the controllers with the flags of kube-controller-manager. */
@Command(
        name = "controller-manager",
        description = "Runs the controllers of a cluster, with kube-controller-manager's flags.",
        sortOptions = false)
public final class ControllerManagerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerManagerCommand.class);

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

    @Option(
            names = "--controllers",
            split = ",",
            defaultValue = "*",
            paramLabel = "NAME",
            description = "Which controllers run: foo, -foo, or * for all that do by default. Default: *")
    private List<String> controllers;

    @Mixin
    private ElectionFlags election;

    @Option(names = "--bind-address", defaultValue = "0.0.0.0", description = "Where to listen. Default: 0.0.0.0")
    private String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "10257",
            description = "On which port health and metrics are served; 0 for none. Default: 10257")
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
            defaultValue = "30",
            paramLabel = "N",
            description = "How many calls may be made at once after a pause, with --kube-api-qps. Default: 30")
    private int callsAtOnce;

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

    @Override
    public Integer call() throws InterruptedException {
        Config config;
        List<ControllerDescriptor> chosen;
        ElectionTerms terms;
        SSLContext tls;
        InetSocketAddress address;
        List<Interceptor> interceptors;
        try {
            config = config();
            chosen = workers.apply(chosen());
            terms = election.elect() ? election.terms() : null;
            tls = tls();
            address = new InetSocketAddress(InetAddress.getByName(bindAddress), securePort);
            interceptors = callsPerSecond > 0 ? List.of(new CallRate(callsPerSecond, callsAtOnce)) : List.of();
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        if (chosen.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "error: --controllers leaves none to run");
        }
        return run(config, chosen, terms, tls, address, interceptors);
    }

    private Config config() throws IOException {
        Config config;
        if (kubeconfig != null) {
            if (!Files.isReadable(kubeconfig)) {
                throw new IOException("--kubeconfig: " + kubeconfig + " cannot be read");
            }
            config = Config.fromKubeconfig(kubeconfig.toFile());
        } else {
            config = Config.autoConfigure(null);
        }
        if (master != null) {
            config.setMasterUrl(master);
        }
        return config;
    }

    private List<ControllerDescriptor> chosen() throws IOException {
        List<ControllerDescriptor> known = KnownControllers.of(nodes, trust, objects, features);
        // One that flags are missing for may be named, and is then not run, as with the original.
        List<String> words = controllers.stream()
                .filter(word -> !KnownControllers.NEED_FLAGS.contains(word.startsWith("-") ? word.substring(1) : word)
                        || known.stream().anyMatch(controller -> word.endsWith(controller.name())))
                .toList();
        return new ControllerSelection(known, KnownControllers.OFF_BY_DEFAULT).choose(words);
    }

    private SSLContext tls() throws IOException {
        if (tlsCertFile == null && tlsPrivateKeyFile == null) {
            return ServingCertificate.selfSigned("kube-controller-manager");
        }
        if (tlsCertFile == null || tlsPrivateKeyFile == null) {
            throw new IOException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        return ServingCertificate.of(tlsCertFile, tlsPrivateKeyFile);
    }

    private int run(
            Config config,
            List<ControllerDescriptor> chosen,
            @Nullable ElectionTerms terms,
            SSLContext tls,
            InetSocketAddress address,
            List<Interceptor> interceptors)
            throws InterruptedException {
        ControllerMetrics metrics = new ControllerMetrics();
        ControllerManager manager = 
                new ControllerManager(config, chosen, ownAccounts, terms, identity(), interceptors, metrics);
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
                                metrics.registry(),
                                Map.of("ping", () -> true))) {
            Runtime.getRuntime().addShutdownHook(atExit);
            manager.run(() -> LOG.info("{} controllers run", chosen.size()));
            LOG.error("leaderelection lost");
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

    /** The process does not end before its loops have, and its lease is free. */
    private static void join(Thread thread) {
        try {
            thread.join(10_000);
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
