package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.leader.LedProcess;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The flags that every component has which acts through the API and of which several processes may run: how it reaches the
 * API, which of them acts, and where it shows its health and metrics. A command has them by
 *
 * <pre>{@code
 * @Mixin
 * private ComponentFlags component = new ComponentFlags("kube-controller-manager", 10257, 30);
 * }</pre>
 *
 * and runs with {@link #run}, on what {@link #settings} says or what it makes of that.
 */
public final class ComponentFlags {
    private final String component;

    @Spec(Spec.Target.MIXEE)
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

    @Mixin
    private ReviewFlags reviews;

    @Option(names = "--bind-address", defaultValue = "0.0.0.0", description = "Where to listen. Default: 0.0.0.0")
    private String bindAddress;

    @Option(
            names = "--secure-port",
            description = "On which port health and metrics are served; 0 for none. Default: ${DEFAULT-VALUE}")
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
            paramLabel = "N",
            description =
                    "How many calls may be made at once after a pause, with --kube-api-qps. Default: ${DEFAULT-VALUE}")
    private int callsAtOnce;

    /**
     * Flags with what differs between components.
     *
     * @param component its name in Kubernetes: that of its lease and of the certificate it makes for itself
     * @param securePort where it is served unless a flag says otherwise
     * @param callsAtOnce the default of {@code --kube-api-burst}
     */
    public ComponentFlags(String component, int securePort, int callsAtOnce) {
        this.component = component;
        this.securePort = securePort;
        this.callsAtOnce = callsAtOnce;
    }

    @Option(
            names = "--profiling",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Whether profiles may be served. There are none here, whatever this says.")
    void profiling(boolean ignored) {}

    /**
     * What the flags say.
     *
     * @throws ParameterException if a file cannot be read, or flags make no sense together; its text names the flag
     */
    public ComponentSettings settings() {
        try {
            var _ = reviews.settings();
            return new ComponentSettings(
                    config(),
                    election.elect() ? election.terms(component) : null,
                    securePort == 0 ? null : new InetSocketAddress(InetAddress.getByName(bindAddress), securePort),
                    tls(),
                    callsPerSecond,
                    callsAtOnce);
        } catch (IOException | IllegalArgumentException e) {
            throw refusal(e);
        }
    }

    /**
     * Works until this process is told to end, or does not lead any more.
     *
     * @param settings how; those of {@link #settings}, or changed by what the command knows besides
     * @param metrics what is served, beside the figures of the calls to the API, which are put in here
     * @param checks what has to be so for the process to be healthy, by name; that it answers at all is one more
     * @param started is told when the work has started
     * @return the exit code: 0 if it was told to end
     */
    public int run(
            ComponentSettings settings,
            PrometheusRegistry metrics,
            Map<String, BooleanSupplier> checks,
            LedProcess.Work work,
            Runnable started)
            throws InterruptedException {
        try {
            return new ComponentProcess(settings, reviews.settings()).run(metrics, checks, work, started);
        } catch (IOException e) {
            throw refusal(e);
        } catch (KubernetesClientException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    /** Says what a user did wrong; thrown, it ends the command. */
    public ParameterException refusal(Exception problem) {
        return new ParameterException(spec.commandLine(), "error: " + problem.getMessage(), problem);
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
            return ServingCertificate.selfSigned(component);
        }
        if (tlsCertFile == null || tlsPrivateKeyFile == null) {
            throw new IOException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        return ServingCertificate.of(tlsCertFile, tlsPrivateKeyFile);
    }
}
