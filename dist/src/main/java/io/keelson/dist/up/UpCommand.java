package io.keelson.dist.up;

import io.keelson.agent.embedded.images.command.RegistryOption;
import io.keelson.agent.join.JoinFlags;
import io.keelson.agent.join.JoinSettings;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.process.GracefulShutdown;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson up}: a whole cluster in one process. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a whole cluster in one process: store, API server, controllers, scheduler, cloud controllers,"
                    + " and this machine as its node, with agent, proxy, DNS and metrics. With --join it makes this"
                    + " machine a node of a cluster that runs elsewhere, with agent, proxy and DNS.",
            "Returns when it is ready; keelson down ends it. What was in it is there again at the next start, and pods"
                    + " go on running meanwhile. Pods need root; without it there are simulated nodes only (--nodes)."
        })
public final class UpCommand implements Callable<Integer> {
    private static final int NODES_MAX = 10_000;
    private static final long LOG_BYTES_MAX = 16L << 20;

    /** The parts know themselves how long each of them may take; the store's is not to be cut short. */
    private static final Duration END_MAX = Duration.ofMinutes(5);

    /** What makes this machine a node. */
    private static final Set<Part> MACHINE = EnumSet.of(Part.AGENT, Part.PROXY, Part.DNS);

    /** What does not change a cluster. */
    private static final Set<String> NO_SETTINGS = Set.of("--data", "--merge-kubeconfig");

    /** What can be said of a machine that joins; all else is about a cluster of its own. */
    private static final Set<String> OF_NODES = Set.of(
            "--data",
            "--join",
            "--token",
            "--ca-hash",
            "--node-name",
            "--node-ip",
            "--container-runtime-endpoint",
            "--runtime-handler",
            "--private-registry",
            "--disable",
            "--foreground");

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Mixin
    private JoinFlags join = new JoinFlags();

    @Option(
            names = "--bind-address",
            paramLabel = "IP",
            description = "Where the API listens. Default: 0.0.0.0 if pods run here, which have to reach it;"
                    + " else 127.0.0.1")
    private @Nullable String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "6443",
            paramLabel = "PORT",
            description = "On which port; 0 takes one that is free. Default: 6443")
    private int port;

    @Option(
            names = "--write-kubeconfig",
            paramLabel = "FILE",
            description = "Where the administrator's kubeconfig is written. Default: kubeconfig in the data folder")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--merge-kubeconfig",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "FILE",
            description = "Add it to this kubeconfig, too, as context \"keelson\", which becomes the current one."
                    + " Without a file: the one that kubectl reads, .kube/config in your home folder")
    private @Nullable Path merged;

    @Option(
            names = "--ha",
            description = "Three members of the store and three API servers on one port, controllers and schedulers of"
                    + " which one is elected: each can end without the others. A cluster that was made so stays so.")
    private boolean isHighlyAvailable;

    @Option(
            names = "--nodes",
            defaultValue = "0",
            paramLabel = "N",
            description = "How many simulated nodes there are, whose pods only seem to run. Default: 0")
    private int nodes;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "What this machine is called as a node. Default: the host's name")
    private @Nullable String nodeName;

    @Option(
            names = "--node-ip",
            paramLabel = "IP",
            description = "By which address it is reached. Default: its first one that is not of its loopback")
    private @Nullable String nodeIp;

    @Option(
            names = "--container-runtime-endpoint",
            paramLabel = "ENDPOINT",
            description = "Behind which socket containers run, as unix:///run/containerd/containerd.sock;"
                    + " \"embedded\" for the runtime in this process. Default: the socket of containerd or CRI-O if"
                    + " one answers at its usual place, else embedded")
    private @Nullable String runtime;

    @Option(
            names = "--runtime-handler",
            paramLabel = "NAME=PATH",
            split = ",",
            description =
                    "In the embedded runtime, an OCI runtime for pods whose RuntimeClass names this handler. Those of runc"
                            + " and crun are there where these programs are; all other pods are started directly.")
    private Map<String, Path> handlers = Map.of();

    @Mixin
    private RegistryOption registries = new RegistryOption();

    @Option(
            names = "--history",
            defaultValue = "24h",
            paramLabel = "DURATION",
            description = "How long at least what was can still be seen: keelson history, get --at, diff, restore."
                    + " Default: 24h")
    private String history;

    @Option(
            names = "--disable",
            split = ",",
            paramLabel = "PART",
            description = "Leave parts out, for others to run in their place: controller-manager, scheduler,"
                    + " cloud-controller-manager, nodes, agent, proxy, dns, metrics-server, manifests")
    private List<String> disabled = List.of();

    @Option(
            names = "--apiserver-arg",
            paramLabel = "FLAG",
            description = "A further flag for the API server, as --apiserver-arg=--event-ttl=2h. Can be repeated")
    private List<String> apiServerFlags = List.of();

    @Option(names = "--foreground", description = "Run in this process until it is told to end, and log to its output.")
    private boolean foreground;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            StartPlan plan = plan();
            return foreground ? GracefulShutdown.run(END_MAX, () -> runHere(plan)) : start(plan);
        } catch (IOException | IllegalArgumentException e) {
            err.println("keelson up: " + Reason.of(e));
            return 1;
        }
    }

    private StartPlan plan() throws IOException {
        Set<Part> without = EnumSet.noneOf(Part.class);
        for (String title : disabled) {
            without.add(Part.toLeaveOut(title));
        }
        Optional<JoinSettings> asked = join.settings(JoinSettings.PATIENCE);
        Path folder = ClusterFolder.open(data.folder());
        return asked.isPresent() || JoinFile.isIn(folder) ? joining(folder, asked, without) : cluster(folder, without);
    }

    private ClusterPlan cluster(Path folder, Set<Part> without) throws IOException {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("--secure-port is from 0 to 65535, not " + port);
        }
        if (nodes < 0 || nodes > NODES_MAX) {
            throw new IllegalArgumentException("--nodes is from 0 to " + NODES_MAX + ", not " + nodes);
        }
        Path file = kubeconfig == null ? folder.resolve("kubeconfig") : kubeconfig.toAbsolutePath();
        Optional<NodePlace> node = without.containsAll(MACHINE) || !Root.is()
                ? Optional.empty()
                : Optional.of(NodePlace.of(folder, nodeName, nodeIp, runtime, absoluteHandlers(), registries.file()));
        String address = bindAddress != null ? bindAddress : node.isPresent() ? "0.0.0.0" : "127.0.0.1";
        return new ClusterPlan(
                folder,
                address,
                port,
                isHighlyAvailable || HighAvailability.isIn(folder),
                nodes,
                kept(),
                without,
                node,
                file,
                apiServerFlags);
    }

    private JoinPlan joining(Path folder, Optional<JoinSettings> asked, Set<Part> without) throws IOException {
        for (Model.OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!OF_NODES.contains(option.longestName())) {
                throw new IllegalArgumentException(option.longestName() + " is about a cluster of one's own, and "
                        + folder + " is for a node of another one");
            }
        }
        if (!Root.is()) {
            throw new IOException("a machine joins to run pods, which only root can: run this as root");
        }
        if (ClusterFolder.hasStore(folder)) {
            throw new IOException("there is a cluster in " + folder + " already: name another folder with --data, or"
                    + " remove that one with all its data, " + Typed.forCluster("down", folder, "--wipe"));
        }
        Optional<JoinFile> before = JoinFile.read(folder);
        NodePlace place = NodePlace.of(
                folder,
                nodeName == null ? before.map(JoinFile::node).orElse(null) : nodeName,
                nodeIp,
                runtime,
                absoluteHandlers(),
                registries.file());
        JoinFile joining = asked.map(settings -> JoinFile.of(settings, place.name()))
                .or(() -> before)
                .orElseThrow();
        if (before.isPresent() && Files.exists(NodeAccess.joined(folder).agent())) {
            before.get().requireSame(folder, joining.endpoint(), place.name());
        }
        JoinPlan plan = new JoinPlan(folder, joining, place, without);
        if (asked.isPresent() && ProcessFile.read(folder).isEmpty()) {
            joining.write(folder);
        }
        return plan;
    }

    /** The process that stays may work in another folder. */
    private Map<String, Path> absoluteHandlers() {
        return handlers.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, handler -> handler.getValue().toAbsolutePath()));
    }

    private Duration kept() {
        try {
            return GoDuration.length(history);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--history: " + e.getMessage(), e);
        }
    }

    private int runHere(StartPlan plan) throws IOException, InterruptedException {
        try (ProcessFile process = ProcessFile.take(plan.folder());
                RunningLog _ = RunningLog.watch(plan.log(), LOG_BYTES_MAX)) {
            Steps steps = new Steps(plan.folder());
            process.write("", plan.kubeconfig());
            writeDown(plan);
            try (StartPlan.Started started = plan.start(steps)) {
                process.write(started.url(), plan.kubeconfig());
                keepCopy(plan);
                steps.ready();
                GracefulShutdown.await();
                return 0;
            } catch (IOException | RuntimeException e) {
                steps.failed(Reason.of(e));
                throw e;
            }
        }
    }

    private static void writeDown(StartPlan plan) throws IOException {
        OutsideFile outside = new OutsideFile(plan.folder());
        outside.addKubeconfig(plan.kubeconfig());
        if (plan.has(Part.AGENT) && plan.node().flatMap(NodePlace::runtime).isPresent()) {
            outside.addRuntime(plan.node().flatMap(NodePlace::runtime).orElseThrow());
        }
    }

    /** What leads to the cluster is known by the kubeconfig in its folder, also if the user wants it elsewhere. */
    private static void keepCopy(StartPlan plan) throws IOException {
        Path own = plan.folder().resolve("kubeconfig");
        if (plan instanceof ClusterPlan && !plan.kubeconfig().normalize().equals(own)) {
            Kubeconfig.read(plan.kubeconfig()).write(own);
        }
    }

    private int start(StartPlan plan) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Optional<ProcessFile.Running> before = ProcessFile.read(plan.folder());
        if (before.isPresent()) {
            out.println(
                    (plan instanceof JoinPlan ? "A node" : "A cluster") + " runs already in " + plan.folder() + ".");
            String ignored = spec.commandLine().getParseResult().matchedOptions().stream()
                    .map(Model.OptionSpec::longestName)
                    .filter(name -> !NO_SETTINGS.contains(name))
                    .distinct()
                    .collect(Collectors.joining(", "));
            if (!ignored.isEmpty()) {
                out.println("It stays as it was started; without effect until it is started again: " + ignored + ".");
            }
            mergeIfWanted(plan.folder(), before.get().kubeconfig());
            tellWhatIsNext(plan, before.get());
            return 0;
        }
        Background background = Background.start(plan, foregroundArguments(plan));
        background.await(out);
        ProcessFile.Running running = ProcessFile.read(plan.folder())
                .orElseThrow(() -> new IOException("its process has ended: " + plan.log() + " says why"));
        mergeIfWanted(plan.folder(), running.kubeconfig());
        tellWhatIsNext(plan, running);
        return 0;
    }

    private static List<String> foregroundArguments(StartPlan plan) {
        List<String> words = new ArrayList<>(List.of("up", "--foreground", "--data=" + plan.folder()));
        words.addAll(plan.arguments());
        return words;
    }

    private void mergeIfWanted(Path folder, Path kubeconfig) throws IOException {
        if (merged != null) {
            Path into = merged.toString().isEmpty() ? HomeFolder.kubeconfig() : merged;
            new OutsideFile(folder).addKubeconfig(into);
            merge(kubeconfig, into);
        }
    }

    private static void merge(Path kubeconfig, Path into) throws IOException {
        Kubeconfig all = Files.exists(into) ? Kubeconfig.read(into) : Kubeconfig.empty();
        all.take(Kubeconfig.read(kubeconfig));
        Path folder = into.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        all.write(into);
    }

    private void tellWhatIsNext(StartPlan plan, ProcessFile.Running running) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        switch (plan) {
            case ClusterPlan cluster -> {
                out.println("The cluster serves at " + running.url() + ". Next:");
                tellWhatIsNext(cluster, running.kubeconfig(), out);
            }
            case JoinPlan joined ->
                out.println("This machine is the node " + joined.place().name() + " of the cluster at " + running.url()
                        + ". Next:");
        }
        out.println("  " + Typed.forCluster("status", plan.folder()));
        out.println("  " + Typed.forCluster("down", plan.folder()));
        out.flush();
    }

    private void tellWhatIsNext(ClusterPlan plan, Path file, PrintWriter out) {
        if (merged == null) {
            out.println("  export KUBECONFIG=" + Typed.word(file.toString()));
        }
        if (plan.has(Part.AGENT)) {
            out.println("  kubectl create deployment web --image=keelson/web:1 --replicas=3");
            out.println("  kubectl expose deployment web --port=80 --target-port=8080");
        } else if (plan.node().isEmpty() && !plan.without().containsAll(MACHINE)) {
            out.println("  kubectl get namespaces        (no pods run on this machine: that needs root)");
        } else {
            out.println("  kubectl get namespaces");
        }
        out.println("  " + Typed.line(List.of("ui")));
    }
}
