package io.keelson.agent.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the node's object and keeps its status. Looks every so often, several times a second as long as the node is not
 * ready at the beginning, and writes what changed; what has not is written again after some minutes. An object that
 * somebody deletes is not made again before the next start, so that a node can be taken away.
 */
public final class NodeRegistration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistration.class);
    private static final Duration BEGINNING = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final String ATTACH_DETACH = "volumes.kubernetes.io/controller-managed-attach-detach";

    private final NodeSettings settings;
    private final MachineReader machine;
    private final Supplier<NodeSigns> signs;
    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Consumer<Node> listener;
    private final Repeating repeating;

    private volatile @Nullable Node last;

    /** Of the thread that repeats alone, as what follows. */
    private boolean registered;

    private boolean wasReady;
    private Duration pause = RETRY;
    private @Nullable Instant reported;

    /**
     * @param signs how the node does; asked each time, and may wait for the runtime
     * @param events tells users as the node's kubelet
     * @param listener is told of the object each time that it was read: it has the ranges of pods' addresses; must be
     *     quick
     */
    public NodeRegistration(
            NodeSettings settings,
            MachineReader machine,
            Supplier<NodeSigns> signs,
            KubernetesClient client,
            Events events,
            Time time,
            Consumer<Node> listener) {
        this.settings = settings;
        this.machine = machine;
        this.signs = signs;
        this.client = client;
        this.events = events;
        this.time = time;
        this.listener = listener;
        repeating = new Repeating("node-status", time, () -> pause, this::sync);
    }

    /** Begins. */
    public void start() {
        repeating.start();
    }

    /** Looks at once: something changed. */
    public void wake() {
        repeating.wake();
    }

    /** The object as it was read last. */
    public Optional<Node> node() {
        return Optional.ofNullable(last);
    }

    private void sync() {
        pause = RETRY;
        try {
            Node node = registered ? client.nodes().withName(settings.name()).get() : register();
            if (node == null) {
                LOG.error("Error updating node status, will retry: nodes \"{}\" not found", settings.name());
                pause = settings.lookEvery();
                return;
            }
            Node written = report(node);
            last = written;
            listener.accept(written);
            pause = wasReady || BEGINNING.compareTo(settings.lookEvery()) > 0 ? settings.lookEvery() : BEGINNING;
        } catch (KubernetesClientException e) {
            LOG.error("Error updating node status, will retry: {}", e.getMessage());
        } catch (IOException e) {
            LOG.error("what this machine is cannot be read: {}", e.toString());
        }
    }

    private @Nullable Node register() {
        Node found = client.nodes().withName(settings.name()).get();
        if (found == null && !settings.register()) {
            return null;
        }
        Node node = found == null ? create() : reconciled(found);
        if (node != null) {
            registered = true;
            LOG.info("Successfully registered node {}", settings.name());
            events.normal(node, "Starting", "Starting kubelet.");
        }
        return node;
    }

    private @Nullable Node create() {
        List<Taint> taints = new ArrayList<>(settings.taints());
        if (!settings.schedulable()) {
            taints.add(new TaintBuilder()
                    .withKey("node.kubernetes.io/unschedulable")
                    .withEffect("NoSchedule")
                    .build());
        }
        Map<String, String> labels = new HashMap<>(settings.labels());
        labels.putAll(defaultLabels());
        try {
            return client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(settings.name())
                            .withLabels(labels)
                            .addToAnnotations(ATTACH_DETACH, "true")
                            .endMetadata()
                            .withNewSpec()
                            .withTaints(taints)
                            .withUnschedulable(settings.schedulable() ? null : true)
                            .withProviderID(settings.providerId().orElse(null))
                            .endSpec()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                // Made in between, or by a call whose answer was lost.
                return client.nodes().withName(settings.name()).get();
            }
            throw e;
        }
    }

    private Map<String, String> defaultLabels() {
        String architecture = MachineReader.architecture(System.getProperty("os.arch", ""));
        return Map.of(
                "kubernetes.io/hostname",
                settings.hostname(),
                "kubernetes.io/os",
                "linux",
                "kubernetes.io/arch",
                architecture,
                "beta.kubernetes.io/os",
                "linux",
                "beta.kubernetes.io/arch",
                architecture);
    }

    /** An object of before, with what an agent says of it; whatever else others have said stays. */
    private Node reconciled(Node found) {
        Map<String, String> labels = new HashMap<>(defaultLabels());
        labels.entrySet().removeAll(OrEmpty.of(found.getMetadata().getLabels()).entrySet());
        boolean annotated = OrEmpty.of(found.getMetadata().getAnnotations()).containsKey(ATTACH_DETACH);
        boolean named = settings.providerId().isEmpty()
                || settings.providerId().get().equals(found.getSpec().getProviderID());
        if (labels.isEmpty() && annotated && named) {
            return found;
        }
        Map<String, Object> change = new HashMap<>();
        change.put("metadata", Map.of("labels", labels, "annotations", Map.of(ATTACH_DETACH, "true")));
        if (!named) {
            change.put("spec", Map.of("providerID", settings.providerId().get()));
        }
        return Patch.of(client, Node.class, new Key("", settings.name())).merge(change);
    }

    private Node report(Node node) throws IOException {
        Instant now = time.instant();
        NodeStatus known = node.getStatus();
        NodeStatus wanted = new NodeReport(settings, machine.read(), signs.get()).status(known, now);
        NodeCondition ready = NodeReport.condition(wanted, "Ready");
        boolean isReady = ready != null && "True".equals(ready.getStatus());
        // By a clock that does not jump.
        Instant steady = time.steady();
        boolean due = reported == null || !steady.isBefore(reported.plus(settings.reportEvery()));
        if (!due && !NodeReport.differ(known, wanted)) {
            wasReady |= isReady;
            return node;
        }
        Node written = Patch.of(client, Node.class, new Key("", settings.name()))
                .status()
                .strategic(Map.of("status", change(wanted)));
        reported = steady;
        wasReady |= isReady;
        tell(written, known, wanted);
        return written;
    }

    /** The patch: conditions of others stay, the addresses are these and no others. */
    private Map<String, Object> change(NodeStatus wanted) {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("capacity", wanted.getCapacity());
        change.put("allocatable", wanted.getAllocatable());
        change.put("conditions", wanted.getConditions());
        List<Object> addresses = new ArrayList<>(wanted.getAddresses());
        addresses.add(Map.of("$patch", "replace"));
        change.put("addresses", addresses);
        change.put("nodeInfo", wanted.getNodeInfo());
        change.put("images", wanted.getImages());
        change.put("daemonEndpoints", wanted.getDaemonEndpoints());
        change.put("volumesInUse", wanted.getVolumesInUse());
        change.put("runtimeHandlers", wanted.getRuntimeHandlers());
        change.put("features", wanted.getFeatures());
        change.put("declaredFeatures", wanted.getDeclaredFeatures());
        return change;
    }

    private void tell(Node node, @Nullable NodeStatus known, NodeStatus wanted) {
        for (NodeCondition condition : wanted.getConditions()) {
            NodeCondition before = NodeReport.condition(known, condition.getType());
            if (before != null && before.getStatus().equals(condition.getStatus())) {
                continue;
            }
            boolean is = "True".equals(condition.getStatus());
            String reason = switch (condition.getType()) {
                case "MemoryPressure" -> is ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";
                case "DiskPressure" -> is ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure";
                case "PIDPressure" -> is ? "NodeHasInsufficientPID" : "NodeHasSufficientPID";
                default -> is ? "NodeReady" : "NodeNotReady";
            };
            events.normal(node, reason, "Node " + settings.name() + " status is now: " + reason);
        }
    }

    /** Ends; the object stays, and is not ready when its lease is over. */
    @Override
    public void close() {
        repeating.close();
    }
}
