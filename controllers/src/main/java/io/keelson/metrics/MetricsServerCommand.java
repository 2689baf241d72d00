package io.keelson.metrics;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.manager.OriginalFlags;
import io.keelson.controllers.manager.PortFlags;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.process.GracefulShutdown;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code keelson metrics-server}: tells what nodes and pods use, with the flags of metrics-server. */
@Command(
        name = "metrics-server",
        description = "Serves what nodes and pods use as metrics.k8s.io, with metrics-server's flags.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class MetricsServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServerCommand.class);
    private static final Duration RESOLUTION_MIN = Duration.ofSeconds(10);
    private static final Duration END_MAX = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API. Default: as a pod of the cluster does, or by KUBECONFIG")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--metric-resolution",
            defaultValue = "15s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often kubelets are asked; at least 10s. Default: ${DEFAULT-VALUE}")
    private Duration resolution;

    @Option(
            names = {"-l", "--node-selector"},
            defaultValue = "",
            paramLabel = "SELECTOR",
            description = "Labels of the nodes that are asked. Default: all are")
    private String nodeSelector;

    @Mixin
    private KubeletFlags kubelets;

    @Option(
            names = "--register",
            arity = "0..1",
            fallbackValue = "localhost",
            paramLabel = "HOST",
            description =
                    "Tell the API server to ask here, and take it back at the end; by this name or address it finds"
                            + " this machine (${FALLBACK-VALUE}). Without it, an APIService has to be there that"
                            + " leads to this process.")
    private @Nullable String register;

    @Option(names = "--bind-address", defaultValue = "0.0.0.0", description = "Where to listen. Default: 0.0.0.0")
    private String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "443",
            paramLabel = "N",
            description = "On which port it is served; 0 for any that is free. Default: ${DEFAULT-VALUE}")
    private int securePort;

    @Option(
            names = "--authentication-skip-lookup",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Do not ask the API server whose certificates count, where no flag says it. Default: false")
    private boolean skipLookup;

    @Mixin
    private PortFlags port;

    /** What is no flag here; {@link OriginalFlags} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() {
        MetricsServerSettings settings;
        try {
            OriginalFlags.check(MetricsServer.NAME, others, told -> LOG.info("{}", told));
            settings = settings();
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        try {
            return GracefulShutdown.run(END_MAX, () -> serve(settings));
        } catch (IOException | KubernetesClientException | IllegalStateException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private static int serve(MetricsServerSettings settings) throws IOException, InterruptedException {
        try (MetricsServer server = MetricsServer.start(settings)) {
            LOG.info("{} is served on port {}", MetricsAnswers.GROUP_VERSION, server.port());
            GracefulShutdown.await();
            return 0;
        }
    }

    private MetricsServerSettings settings() throws IOException {
        if (resolution.compareTo(RESOLUTION_MIN) < 0) {
            throw new IllegalArgumentException("metric-resolution should be a time duration at least 10s, but value "
                    + GoDuration.text(resolution) + " provided");
        }
        if (resolution.multipliedBy(9).dividedBy(10).compareTo(kubelets.timeout()) < 0) {
            throw new IllegalArgumentException(
                    "metric-resolution should be larger than kubelet-request-timeout, but metric-resolution value "
                            + GoDuration.text(resolution) + " kubelet-request-timeout value "
                            + GoDuration.text(kubelets.timeout()) + " provided");
        }
        PortSettings served = port.settings(MetricsServer.NAME);
        return new MetricsServerSettings(
                config(),
                new InetSocketAddress(InetAddress.getByName(bindAddress), securePort),
                served,
                !skipLookup && served.reviews().proxyAuthorities() == null,
                resolution,
                nodeSelector,
                kubelets.settings(),
                Optional.ofNullable(register));
    }

    private Config config() throws IOException {
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            throw new IOException("--kubeconfig: " + kubeconfig + " cannot be read");
        }
        Config config = kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(kubeconfig.toFile());
        config.setUserAgent(MetricsServer.NAME + "/" + KubernetesVersion.NUMBER);
        return config;
    }
}
