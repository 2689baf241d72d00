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
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
 * looks with {@link #check} at what else it was given, and runs with {@link #run}, on what {@link #settings} says or
 * what it makes of that.
 */
public final class ComponentFlags {
    private static final Logger LOG = LoggerFactory.getLogger(ComponentFlags.class);

    private final String component;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows these flags, and ends.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Says which version this is, and ends.")
    boolean version;

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
            description = "On which port health and metrics are served; 0 for none. Default: ${DEFAULT-VALUE}")
    private int securePort;

    @Mixin
    private PortFlags port;

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

    /**
     * Looks at what was given and is no flag of ours; tells of flags of the original that do nothing here.
     *
     * @param others in their order; a command has them by {@code @Unmatched}
     * @throws ParameterException if one is none, or cannot be had; its text says why
     */
    public void check(List<String> others) {
        try {
            OriginalFlags.check(component, others, told -> LOG.info("{}", told));
        } catch (IllegalArgumentException e) {
            throw refusal(e);
        }
    }

    /**
     * What the flags say.
     *
     * @throws ParameterException if a file cannot be read, or flags make no sense together; its text names the flag
     */
    public ComponentSettings settings() {
        try {
            return new ComponentSettings(
                    config(),
                    election.elect() ? election.terms(component) : null,
                    securePort == 0 ? null : new InetSocketAddress(InetAddress.getByName(bindAddress), securePort),
                    port.settings(component),
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
            Runnable started) {
        try {
            return new ComponentProcess(settings).run(metrics, checks, work, started);
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
        // Objects tell by it who has changed which of their fields.
        config.setUserAgent(component + "/" + KubernetesVersion.NUMBER);
        return config;
    }
}
