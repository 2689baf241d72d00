package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.Agent;
import io.keelson.agent.AgentRooms;
import io.keelson.agent.certificates.CertificateProblem;
import io.keelson.agent.certificates.ClientCertificate;
import io.keelson.agent.certificates.ServingCertificate;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.environment.ServiceLookup;
import io.keelson.agent.eviction.Eviction;
import io.keelson.agent.eviction.Pressure;
import io.keelson.agent.join.Discovery;
import io.keelson.agent.join.JoinProblem;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.network.NodeNetwork;
import io.keelson.agent.network.RouteSync;
import io.keelson.agent.node.MachineFacts;
import io.keelson.agent.node.MachineReader;
import io.keelson.agent.node.NodeImages;
import io.keelson.agent.node.NodeLease;
import io.keelson.agent.node.NodeRegistration;
import io.keelson.agent.node.NodeSigns;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.work.PreemptionMetrics;
import io.keelson.agent.pods.work.WorkMetrics;
import io.keelson.agent.policy.NetworkPolicies;
import io.keelson.agent.probe.ProbeMetrics;
import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.server.HealthPort;
import io.keelson.agent.server.NodeServer;
import io.keelson.agent.server.NodeServerSettings;
import io.keelson.agent.shutdown.MachineShutdown;
import io.keelson.agent.shutdown.ShutdownRecord;
import io.keelson.agent.stats.NodeStatistics;
import io.keelson.agent.stats.StatisticsPages;
import io.keelson.agent.stats.VolumePlaces;
import io.keelson.agent.storage.LocalVolumes;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.manager.ProcessFigures;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.CallMetrics;
import io.keelson.controllers.runtime.CallRate;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node at work on this machine: all parts of an agent, put together. Pods go on running when it is closed, or when its
 * process is killed, and the next one goes on with them. The API may be away when it starts.
 */
public final class RunningNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);
    private static final Duration RUNTIME_MAX = Duration.ofMinutes(2);

    /** Enough to find out whether something may be read. */
    private static final ListOptions ONE =
            new ListOptionsBuilder().withLimit(1L).build();

    private final NodePlan plan;
    private final Parts parts = new Parts();
    private final Time time;
    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private final KubernetesClient client;
    private final Events events;
    private final Caches caches;
    private final NodeRegistration registration;
    private final NodeRuntime runtime;
    private final RangesForRuntime ranges;
    private final NodeParts rooms;
    private final NodePlugins plugins;
    private final Agent agent;

    /** Null before it begins. */
    private volatile @Nullable Eviction eviction;

    /** Likewise. */
    private volatile @Nullable MachineShutdown shutdown;

    /** Null before there is a server, or without one. */
    private volatile @Nullable ServingCertificate certificate;

    /** Of the thread alone that keeps the node's object. */
    private List<NodeAddress> seenAddresses = List.of();

    /** Whether the Services have been read, without which pods do not start. */
    private volatile boolean servicesAreRead;

    private RunningNode(NodePlan plan) throws IOException, InterruptedException {
        this.plan = plan;
        boolean isDone = false;
        try {
            time = parts.opened(Time.system());
            Files.createDirectories(plan.root());
            CallMetrics calls = new CallMetrics(metrics);
            ClientCertificate known = known();
            known.register(metrics);
            name(plan.node().name());
            ProcessFigures.register(metrics);
            client = parts.opened(known.client(limited(calls)));
            events = parts.opened(new EventRecorder(client, time, plan.node().name()))
                    .from("kubelet");
            caches = parts.opened(new Caches(client, Caches.Delivery.PLAIN));
            Cache<Service> services = caches.of(Service.class);
            // What says that the node lives waits for no other calls.
            KubernetesClient heartbeat = parts.opened(known.client(List.of(calls)));
            MachineReader machine = new MachineReader(Path.of("/"), plan.root());
            MachineFacts facts = machine.read();
            registration = parts.opened(
                    new NodeRegistration(plan.node(), machine, this::signs, heartbeat, events, time, this::seen));
            runtime = NodeRuntime.open(plan, this::podRanges, time, metrics, parts);
            ranges = new RangesForRuntime(runtime.connection());
            rooms = NodeParts.open(
                    plan,
                    runtime,
                    facts,
                    client,
                    ServiceLookup.of(services, () -> servicesAreRead),
                    this::node,
                    registration::wake,
                    events,
                    time,
                    metrics,
                    parts);
            plugins = new NodePlugins(plan, rooms, client, time, parts);
            LogLinks links = new LogLinks(plan.logLinks());
            NetworkPolicies policies = parts.opened(NetworkPolicies.start(
                    new NetworkPolicies.Settings(
                            plan.node().name(),
                            this::isOnBuiltInNetwork,
                            plan.embedded().network().bridge().namespace()),
                    client,
                    time,
                    metrics));
            agent = parts.opened(new Agent(
                    plan.agent(),
                    new AgentRooms(
                            runtime.connection(),
                            runtime.observer(),
                            runtime::userNamespaceProblem,
                            runtime.profile().name(),
                            rooms.volumes(),
                            rooms.images(),
                            rooms.environment(),
                            rooms.names(),
                            plugins.resources(),
                            admission(),
                            rooms.placement().pods(),
                            new PolicyGuard(policies),
                            links,
                            () -> registration.node().orElse(null)),
                    client,
                    events,
                    time,
                    new ProbeMetrics(metrics),
                    new PreemptionMetrics(metrics),
                    new WorkMetrics(time, metrics)));
            rooms.objects().onChange(agent::outdated);
            plugins.onHealth(agent::changed);
            plugins.start(agent.pods(), parts);
            agent.start(RUNTIME_MAX);
            NodeStatistics statistics = parts.opened(new NodeStatistics(
                    new NodeStatistics.Settings(
                            plan.node().name(),
                            plan.agent().folders(),
                            rooms.cgroups().path(),
                            plan.volumesEvery()),
                    runtime.connection(),
                    runtime.observer(),
                    agent.pods(),
                    VolumePlaces.of(rooms.volumes()),
                    CgroupReader.ofMachine(),
                    time));
            eviction = NodeUpkeep.start(
                    plan, runtime, rooms, agent, statistics, links, this::node, events, time, metrics, parts);
            MachineShutdown ending = parts.opened(MachineShutdown.ofMachine(
                    plan.shutdown(),
                    agent.pods(),
                    this::node,
                    events,
                    new ShutdownRecord(plan.agent().folders().root(), time, metrics),
                    registration::wake,
                    time));
            shutdown = ending;
            ending.start();
            Map<String, BooleanSupplier> checks = checks();
            if (plan.server().isPresent()) {
                serve(plan.server().get(), checks, new StatisticsPages(statistics, facts));
            }
            if (plan.healthz().isPresent()) {
                parts.opened(new HealthPort(plan.healthz().get(), checks));
            }
            parts.opened(new NodeLease(plan.node(), heartbeat, time, registration::node))
                    .start();
            registration.start();
            follow();
            provide();
            isDone = true;
        } catch (TimeoutException e) {
            throw new IOException(
                    "the container runtime has not told within " + RUNTIME_MAX.toSeconds()
                            + " s what it has: restart it, and look into its log",
                    e);
        } finally {
            if (!isDone) {
                parts.close();
            }
        }
    }

    /**
     * Begins.
     *
     * @throws IOException if it cannot; the text says why, and what to do
     */
    public static RunningNode start(NodePlan plan) throws IOException, InterruptedException {
        return new RunningNode(plan);
    }

    /** Who this node is to the API, which may have to be asked for first. */
    private ClientCertificate known() throws IOException, InterruptedException {
        try {
            if (plan.join().isPresent() && !Files.exists(plan.api().kubeconfig())) {
                Discovery.writeBootstrapKubeconfig(
                        plan.api().bootstrapKubeconfig().orElseThrow(),
                        plan.join().get(),
                        time);
            }
            return parts.opened(ClientCertificate.ensure(plan.api(), time));
        } catch (JoinProblem | CertificateProblem e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Rules of others find the node of all other figures by it. */
    private void name(String node) {
        Gauge.builder()
                .name("kubelet_node_name")
                .help("The node's name; always 1")
                .labelNames("node")
                .register(metrics)
                .labelValues(node)
                .set(1);
    }

    private List<Interceptor> limited(CallMetrics calls) {
        List<Interceptor> interceptors = new ArrayList<>();
        if (plan.calls().perSecond() > 0) {
            interceptors.add(new CallRate(
                    plan.calls().perSecond(), Math.max(1, plan.calls().burst()), calls));
        }
        interceptors.add(calls);
        return interceptors;
    }

    private void seen(Node node) {
        ranges.seen(node);
        List<NodeAddress> now = OrEmpty.of(node.getStatus().getAddresses());
        ServingCertificate shown = certificate;
        if (shown != null && !now.equals(seenAddresses)) {
            seenAddresses = now;
            shown.wake();
        }
    }

    /** The node's object, or what is known of it before there is one. */
    private Node node() {
        return registration
                .node()
                .orElseGet(() -> new NodeBuilder()
                        .withNewMetadata()
                        .withName(plan.node().name())
                        // As the kubelet names it in events.
                        .withUid(plan.node().name())
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .withNewStatus()
                        .endStatus()
                        .build());
    }

    private List<String> podRanges() {
        Node node = node();
        List<String> ranges =
                node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getPodCIDRs());
        return ranges;
    }

    private PodAdmission admission() {
        PodAdmission pressure = (pod, others) -> {
            Eviction judging = eviction;
            return judging == null ? Optional.empty() : judging.admission().refusal(pod, others);
        };
        PodAdmission ending = (pod, others) -> {
            MachineShutdown coming = shutdown;
            return coming == null ? Optional.empty() : coming.admission().refusal(pod, others);
        };
        return pressure.and(plan.sysctls()).and(ending);
    }

    private NodeSigns signs() {
        List<String> problems = new ArrayList<>(runtime.problems());
        Optional.ofNullable(shutdown).flatMap(MachineShutdown::problem).ifPresent(problems::add);
        List<NodeSigns.Image> images = List.of();
        try {
            images = NodeImages.of(runtime.connection(), plan.node().imagesMax());
        } catch (StatusRuntimeException e) {
            LOG.warn("the container runtime does not tell its images: {}", RuntimeError.description(e));
        }
        Eviction judging = eviction;
        Set<Pressure> pressures = judging == null ? Set.of() : judging.pressures();
        return new NodeSigns(
                problems,
                pressures.contains(Pressure.MEMORY),
                pressures.contains(Pressure.DISK),
                pressures.contains(Pressure.PID),
                runtime.signs(),
                images,
                rooms.volumes().volumesInUse(),
                rooms.devices().counts());
    }

    private Map<String, BooleanSupplier> checks() {
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("ping", () -> true);
        checks.put("syncloop", () -> runtime.observer().problem().isEmpty());
        return checks;
    }

    private void serve(NodePlan.ServerPlan asked, Map<String, BooleanSupplier> checks, StatisticsPages statistics)
            throws IOException {
        ServingCertificate shown = parts.opened(ServingCertificate.start(plan.shown(), client, this::addresses, time));
        shown.register(metrics);
        certificate = shown;
        PortSettings port = new PortSettings(shown.context(), asked.protocols(), asked.cipherSuites(), asked.reviews());
        NodeServerSettings settings = new NodeServerSettings(
                asked.address(), port, plan.node().name(), asked.anonymous(), asked.streamIdleMax());
        parts.opened(new NodeServer(
                settings,
                DelegatedAccess.of(client, client, asked.reviews(), time),
                agent.pods(),
                runtime.connection(),
                time,
                checks,
                plan::configuration,
                metrics,
                statistics));
    }

    private List<NodeAddress> addresses() {
        return registration
                .node()
                .map(node -> OrEmpty.of(node.getStatus().getAddresses()))
                .orElse(List.of());
    }

    /** Follows the cluster from when its API answers on. */
    private void follow() {
        Following.start("services", caches, parts, () -> servicesAreRead = true);
        runtime.embedded().ifPresent(embedded -> {
            Caches nodes = parts.opened(new Caches(client, Caches.Delivery.PLAIN));
            NodeNetwork network = embedded.network();
            RouteSync routes =
                    parts.opened(new RouteSync(plan.node().name(), nodes, network.builtIn(), network::isBuiltIn));
            Following.start("nodes", nodes, () -> client.nodes().list(ONE), parts, routes::start);
        });
    }

    /** Volumes on this node's disk. */
    private void provide() {
        Caches volumes = parts.opened(new Caches(client, Caches.Delivery.PLAIN));
        LocalVolumes made = parts.opened(new LocalVolumes(
                plan.node().name(),
                plan.node().hostname(),
                plan.localVolumes(),
                client,
                volumes,
                events.from(LocalVolumes.PROVISIONER),
                time));
        Following.start("volumes", volumes, () -> client.persistentVolumes().list(ONE), parts, made::start);
    }

    private boolean isOnBuiltInNetwork() {
        return runtime.embedded()
                .map(embedded -> embedded.network().isBuiltIn())
                .orElse(false);
    }

    /** Its pods. */
    public AgentPods pods() {
        return agent.pods();
    }

    /** Which runtime runs them, as {@code containerd://1.6.20}. */
    public String runtime() {
        return runtime.profile().url();
    }

    /** Lets go of the node; its pods go on running. */
    @Override
    public void close() {
        parts.close();
    }
}
