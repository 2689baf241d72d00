package io.keelson.agent.embedded.assembly;

import io.keelson.agent.cri.RuntimeEndpoint;
import io.keelson.agent.embedded.OciRuntime;
import io.keelson.agent.embedded.images.command.ImageCommand;
import io.keelson.agent.embedded.images.command.RegistryOption;
import io.keelson.agent.network.BridgeSettings;
import io.keelson.agent.network.NetworkSettings;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.process.GracefulShutdown;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson cri}: the embedded runtime behind a Unix socket, for kubelets and {@code crictl}. */
@Command(
        name = "cri",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = KubernetesVersion.class,
        description = "Runs containers for whoever speaks CRI to its socket, until it is told to end.",
        footer = "Containers go on running when it ends or is killed; the next start takes them up.")
public final class CriCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(CriCommand.class);
    private static final Duration END_MAX = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "SOCKET",
            defaultValue = "unix:///run/keelson/cri.sock",
            description = "Where it answers; only this user may connect. Default: ${DEFAULT-VALUE}.")
    private String listen;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/var/lib/keelson/runtime",
            description = "Where pods and containers are kept, on a disk. Default: ${DEFAULT-VALUE}.")
    private Path root;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            defaultValue = "/run/keelson/pods",
            description = "Where the sockets of pods are; a short path. Default: ${DEFAULT-VALUE}.")
    private Path run;

    @Option(
            names = "--image-store",
            paramLabel = "DIR",
            defaultValue = "${env:KEELSON_IMAGE_STORE:-" + ImageCommand.DEFAULT_STORE + "}",
            description = "Where images are, as for keelson image. Default: ${DEFAULT-VALUE}.")
    private Path images;

    @Option(
            names = "--plain-http",
            paramLabel = "HOST[:PORT]",
            split = ",",
            description = "Registries that have no TLS; on this machine none is expected to.")
    private Set<String> plainHosts = Set.of();

    @Mixin
    private RegistryOption registries = new RegistryOption();

    @Option(
            names = "--runtime-handler",
            paramLabel = "NAME=PATH",
            split = ",",
            description =
                    "An OCI runtime for pods whose RuntimeClass names this handler. Those of runc and crun are there"
                            + " where these programs are; all other pods are started directly.")
    private Map<String, Path> handlers = Map.of();

    @Option(
            names = "--shim-cgroup",
            paramLabel = "PATH",
            defaultValue = EmbeddedNodeSettings.SHIM_CGROUP,
            description =
                    "The cgroup of the programs that hold pods, apart from this process. Default: ${DEFAULT-VALUE}.")
    private String shimCgroup;

    @Option(
            names = "--pod-cidr",
            paramLabel = "RANGE",
            split = ",",
            description = "The addresses of this node's pods, one range of each family, where there are no CNI plugins."
                    + " Default: those that the kubelet tells.")
    private List<String> podRanges = List.of();

    @Option(
            names = "--bridge",
            paramLabel = "NAME",
            defaultValue = BridgeSettings.BRIDGE,
            description =
                    "The bridge that it makes for pods where there are no CNI plugins. Default: ${DEFAULT-VALUE}.")
    private String bridge;

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "The largest packet on that bridge; 0: as the kernel chooses. Default: ${DEFAULT-VALUE}.")
    private int mtu;

    @Option(
            names = "--cni-conf-dir",
            paramLabel = "DIR",
            defaultValue = "/etc/cni/net.d",
            description = "Where network add-ons put their configuration. Default: ${DEFAULT-VALUE}.")
    private Path cniConfigurations;

    @Option(
            names = "--cni-bin-dir",
            paramLabel = "DIR",
            split = ",",
            defaultValue = "/opt/cni/bin,/usr/lib/cni",
            description = "Where CNI plugins are. Default: ${DEFAULT-VALUE}.")
    private List<Path> cniPlugins;

    @Option(
            names = "--cni-timeout",
            paramLabel = "TIME",
            defaultValue = "1m",
            converter = DurationConverter.class,
            description = "How long each plugin may take. Default: ${DEFAULT-VALUE}.")
    private Duration cniTime;

    @Override
    public Integer call() {
        EmbeddedNodeSettings settings;
        try {
            settings = settings();
            var _ = ToldPodRanges.checked(podRanges);
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        try {
            return GracefulShutdown.run(END_MAX, () -> serve(settings));
        } catch (IOException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private int serve(EmbeddedNodeSettings settings) throws IOException, InterruptedException {
        InstantSource time = InstantSource.system();
        try (EmbeddedNode _ = podRanges.isEmpty()
                ? EmbeddedNode.start(settings, new ToldPodRanges(state().resolve("pod-ranges")), time)
                : EmbeddedNode.start(settings, () -> podRanges, time)) {
            LOG.info("containers are run for whoever speaks CRI to {}", listen);
            GracefulShutdown.await();
            return 0;
        }
    }

    private Path state() {
        return root.resolve("network");
    }

    private EmbeddedNodeSettings settings() throws IOException {
        Path state = state();
        return new EmbeddedNodeSettings(
                        root,
                        run,
                        images,
                        shimCgroup,
                        new NetworkSettings(
                                new BridgeSettings(state, bridge, mtu, null),
                                cniConfigurations,
                                cniPlugins,
                                state.resolve("cni"),
                                cniTime),
                        registries.read().withPlain(plainHosts),
                        OciRuntime.found(),
                        Optional.of(Path.of(RuntimeEndpoint.parse(listen).path())),
                        version())
                .withHandlers(handlers);
    }

    /** The version of the program, as the runtime tells it. */
    public static String version() {
        String version = CriCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
