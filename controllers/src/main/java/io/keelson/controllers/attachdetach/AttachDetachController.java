package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeError;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Gauge;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** {@code persistentvolume-attach-detach-controller}: keys are nodes. */
public final class AttachDetachController implements Controller {
    private static final String NAME = "persistentvolume-attach-detach-controller";
    private static final int WORKERS = 10;
    private static final String MANAGED = "volumes.kubernetes.io/controller-managed-attach-detach";
    private static final String KEEP_TERMINATED = "volumes.kubernetes.io/keep-terminated-pod-volumes";
    private static final String POD_NODE = "attach-detach-node";
    private static final String ATTACHMENT_NODE = "attach-detach-node";
    private static final String ATTACHMENT_VOLUME = "attach-detach-volume";
    /** How long a node waits for the cache to show who has a volume. */
    private static final Duration UNTIL_SEEN = Duration.ofMillis(500);

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final AttachDetachSettings settings;
    private final Cache<Node> nodes;
    private final Cache<Pod> pods;
    private final Cache<PersistentVolume> volumes;
    private final Cache<VolumeAttachment> attachments;
    private final WantedVolumes wantedVolumes;
    private final ExclusiveVolumes exclusive;
    private final Gauge forced;
    private final AttachTimes times;
    private final Map<String, NodeMemory> memories = new ConcurrentHashMap<>();

    private AttachDetachController(AttachDetachSettings settings, Context context, Setup setup) {
        this.settings = settings;
        client = context.client();
        events = context.events().from("attachdetach-controller");
        time = context.time();
        exclusive = new ExclusiveVolumes(time);
        times = new AttachTimes(setup.metrics(), time);
        nodes = setup.watch(Node.class, AttachDetachController::ofNode);
        pods = setup.watch(Pod.class, AttachDetachController::ofPod);
        pods.index(POD_NODE, AttachDetachController::nodeOf);
        pods.index(PodVolumes.BY_CLAIM, PodVolumes::claims);
        Cache<PersistentVolumeClaim> claims = setup.watch(
                PersistentVolumeClaim.class,
                change -> nodesOf(Key.of(change.object()).toString()));
        volumes = setup.watch(PersistentVolume.class, this::ofVolume);
        attachments = setup.watch(VolumeAttachment.class, this::ofAttachment);
        attachments.index(
                ATTACHMENT_NODE,
                attachment -> List.of(OrEmpty.of(attachment.getSpec().getNodeName())));
        attachments.index(ATTACHMENT_VOLUME, attachment -> List.of(NodePlan.volumeName(attachment)));
        forced = setup.metrics()
                .gauge(
                        "attach_detach_controller_attachdetach_controller_forced_detaches",
                        "Volumes detached though a node may use them",
                        "reason");
        setup.metrics()
                .gauge(
                        "attachdetach_controller_total_volumes",
                        "Volumes on nodes",
                        new VolumeCounts(this::allWanted, attachments::all)::tell,
                        "plugin_name",
                        "state");
        Cache<CSIDriver> drivers = setup.watch(CSIDriver.class, change -> allNodes());
        wantedVolumes = new WantedVolumes(new WantedVolumes.Sight() {
            @Override
            public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
                return claims.get(namespace, name);
            }

            @Override
            public @Nullable PersistentVolume volume(String name) {
                return volumes.get("", name);
            }

            @Override
            public boolean needsAttach(String driver) {
                CSIDriver described = drivers.get("", driver);
                return described == null
                        || described.getSpec() == null
                        || !Boolean.FALSE.equals(described.getSpec().getAttachRequired());
            }
        });
    }

    /** With the defaults. */
    public static ControllerDescriptor descriptor() {
        return descriptor(AttachDetachSettings.DEFAULT);
    }

    /** With what flags say. */
    public static ControllerDescriptor descriptor(AttachDetachSettings settings) {
        return new ControllerDescriptor(
                NAME, WORKERS, (context, setup) -> new AttachDetachController(settings, context, setup));
    }

    private static List<String> nodeOf(Pod pod) {
        String node = Pods.node(pod);
        return node.isEmpty() || PodVolumes.claims(pod).isEmpty() ? List.of() : List.of(node);
    }

    /** A node tells that it lives every few seconds; that alone concerns nobody. */
    private static Collection<Key> ofNode(Change<Node> change) {
        Node before = change.before();
        Node now = change.now();
        boolean same = before != null && now != null && concern(before).equals(concern(now));
        return same ? List.of() : List.of(Key.of(change.object()));
    }

    private static List<Object> concern(Node node) {
        return Arrays.asList(
                node.getMetadata().getUid(),
                NodePlan.inUse(node),
                NodePlan.told(node),
                NodePlan.isReady(node),
                NodePlan.isOutOfService(node),
                isAnnotated(node, MANAGED),
                isAnnotated(node, KEEP_TERMINATED));
    }

    private static boolean isAnnotated(Node node, String annotation) {
        return "true".equals(OrEmpty.of(node.getMetadata().getAnnotations()).get(annotation));
    }

    private static Collection<Key> ofPod(Change<Pod> change) {
        Set<Key> keys = new HashSet<>();
        if (change.before() != null) {
            nodeOf(change.before()).forEach(node -> keys.add(Key.of("", node)));
        }
        if (change.now() != null) {
            nodeOf(change.now()).forEach(node -> keys.add(Key.of("", node)));
        }
        return keys;
    }

    /** The nodes whose pods use a claim. */
    private Set<Key> nodesOf(String claim) {
        Set<Key> keys = new HashSet<>();
        for (Pod pod : pods.indexed(PodVolumes.BY_CLAIM, claim)) {
            nodeOf(pod).forEach(node -> keys.add(Key.of("", node)));
        }
        return keys;
    }

    private Set<Key> wanting(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference == null || reference.getName() == null
                ? Set.of()
                : nodesOf(Key.of(reference.getNamespace(), reference.getName()).toString());
    }

    private Collection<Key> ofVolume(Change<PersistentVolume> change) {
        Set<Key> keys = new HashSet<>(wanting(change.object()));
        String name = change.object().getMetadata().getName();
        for (VolumeAttachment attachment : attachments.indexed(ATTACHMENT_VOLUME, name)) {
            keys.add(Key.of("", OrEmpty.of(attachment.getSpec().getNodeName())));
        }
        return keys;
    }

    private Collection<Key> ofAttachment(Change<VolumeAttachment> change) {
        VolumeAttachment attachment = change.object();
        times.seen(change);
        Set<Key> keys = new HashSet<>();
        exclusive.seen(NodePlan.volumeName(attachment), attachment.getMetadata().getUid());
        keys.add(Key.of("", OrEmpty.of(attachment.getSpec().getNodeName())));
        PersistentVolume volume = change.deleted() ? volumes.get("", NodePlan.volumeName(attachment)) : null;
        if (volume != null) {
            // Nodes that could not have it may have it now.
            keys.addAll(wanting(volume));
        }
        return keys;
    }

    private Collection<Key> allNodes() {
        return nodes.all().stream().map(Key::of).toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        String name = key.name();
        List<VolumeAttachment> here = attachments.indexed(ATTACHMENT_NODE, name);
        Node seen = nodes.get(key);
        Node node = seen != null || here.isEmpty()
                ? seen
                : client.nodes().withName(name).get();
        if (node != null && !isAnnotated(node, MANAGED)) {
            memories.remove(name);
            return Outcome.done();
        }
        NodeMemory memory = memories.getOrDefault(name, NodeMemory.NONE);
        Map<String, WantedVolume> wanted = node == null
                ? Map.of()
                : wantedVolumes.of(pods.indexed(POD_NODE, name), isAnnotated(node, KEEP_TERMINATED));
        NodePlan plan = NodePlan.of(
                new NodePlan.Input(
                        name,
                        node,
                        wanted,
                        here,
                        volume -> isHeldElsewhere(volume, name),
                        volume -> volumes.get("", volume),
                        memory.awaited(),
                        !settings.disableForceDetachOnTimeout()),
                time.steady());
        Map<String, String> failures = tellFailures(wanted, here, memory);
        tellConflicts(plan, name, memory);
        remember(name, plan, failures);
        boolean waits = false;
        List<KubernetesClientException> refusals = new ArrayList<>();
        for (WantedVolume volume : plan.attach()) {
            if (isTurnOf(volume, name)) {
                each(refusals, () -> attach(volume, name));
            } else {
                waits = true;
            }
        }
        if (node != null) {
            report(node, plan, wanted);
        }
        waits |= detach(name, plan, NodePlan.isOutOfService(node), refusals);
        if (!refusals.isEmpty()) {
            throw refusals.getFirst();
        }
        if (waits) {
            return Outcome.after(UNTIL_SEEN);
        }
        return plan.again() == null ? Outcome.done() : Outcome.after(plan.again());
    }

    private List<WantedVolume> allWanted() {
        List<WantedVolume> all = new ArrayList<>();
        for (Node node : nodes.all()) {
            if (isAnnotated(node, MANAGED)) {
                all.addAll(wantedVolumes
                        .of(pods.indexed(POD_NODE, node.getMetadata().getName()), isAnnotated(node, KEEP_TERMINATED))
                        .values());
            }
        }
        return all;
    }

    private void remember(String node, NodePlan plan, Map<String, String> failures) {
        Set<String> conflicts = new HashSet<>();
        plan.conflicts().forEach(volume -> conflicts.add(volume.name()));
        NodeMemory memory = new NodeMemory(plan.awaited(), conflicts, failures);
        if (memory.isEmpty()) {
            memories.remove(node);
        } else {
            memories.put(node, memory);
        }
    }

    private boolean isHeldElsewhere(String volume, String node) {
        return attachments.indexed(ATTACHMENT_VOLUME, volume).stream()
                .anyMatch(attachment -> !node.equals(attachment.getSpec().getNodeName()));
    }

    /** Does something with one volume: if it cannot be done, the others are not left out for that. */
    private static void each(List<KubernetesClientException> refusals, Runnable task) {
        try {
            task.run();
        } catch (KubernetesClientException e) {
            refusals.add(e);
        }
    }

    /** Whether a node may ask for a volume: no other one does at this moment, or has it by now. */
    private boolean isTurnOf(WantedVolume volume, String node) {
        if (!volume.isExclusive()) {
            return true;
        }
        if (!exclusive.take(volume.name(), node)) {
            return false;
        }
        if (isHeldElsewhere(volume.name(), node)) {
            exclusive.leave(volume.name(), node);
            return false;
        }
        return true;
    }

    private void attach(WantedVolume volume, String node) {
        VolumeAttachment wanted = volume.attachment(node);
        times.attach(wanted, isMigrated(volume.name()));
        try {
            VolumeAttachment made = client.resource(wanted).create();
            exclusive.made(volume.name(), node, made.getMetadata().getUid());
            VolumeAttachment shown = attachments.get(Key.of(made));
            if (shown != null) {
                // It may have been told of before that.
                exclusive.seen(volume.name(), shown.getMetadata().getUid());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                // It is there, and the cache will see it.
                return;
            }
            times.notAsked(wanted, true);
            if (e.getCode() >= 400 && e.getCode() < 500) {
                // Of any other failure nobody knows whether it is attached.
                exclusive.leave(volume.name(), node);
            }
            for (Pod pod : volume.pods()) {
                tellFailure(pod, volume.name(), Refusals.message(e));
            }
            throw e;
        }
    }

    /** Whether the volume is one of the kinds that drivers have taken over. */
    private boolean isMigrated(String name) {
        PersistentVolume volume = volumes.get("", name);
        return volume != null && volume.getSpec().getCsi() == null;
    }

    /** Has a volume detached; whether it was attached. */
    private boolean detached(VolumeAttachment attachment) {
        times.detach(attachment, isMigrated(NodePlan.volumeName(attachment)));
        try {
            return Deletion.of(client, attachment);
        } catch (KubernetesClientException e) {
            times.notAsked(attachment, false);
            throw e;
        }
    }

    private void tellFailure(Pod pod, String volume, String message) {
        events.warning(
                pod, "FailedAttachVolume", "AttachVolume.Attach failed for volume \"" + volume + "\" : " + message);
    }

    /** Tells what attachers failed at, each failure once; those that are told by now. */
    private Map<String, String> tellFailures(
            Map<String, WantedVolume> wanted, List<VolumeAttachment> here, NodeMemory memory) {
        Map<String, String> told = new HashMap<>();
        for (VolumeAttachment attachment : here) {
            WantedVolume volume = wanted.get(NodePlan.volumeName(attachment));
            VolumeError failure = attachment.getStatus() == null
                    ? null
                    : attachment.getStatus().getAttachError();
            if (volume == null || failure == null) {
                continue;
            }
            String at = OrEmpty.of(failure.getTime());
            told.put(volume.name(), at);
            if (!at.equals(memory.failures().get(volume.name()))) {
                volume.pods().forEach(pod -> tellFailure(pod, volume.name(), OrEmpty.of(failure.getMessage())));
            }
        }
        return told;
    }

    private void tellConflicts(NodePlan plan, String node, NodeMemory memory) {
        for (WantedVolume volume : plan.conflicts()) {
            if (memory.conflicts().contains(volume.name())) {
                continue;
            }
            ObjectReference claim = volume.volume().getSpec().getClaimRef();
            List<Pod> users =
                    pods
                            .indexed(
                                    PodVolumes.BY_CLAIM,
                                    Key.of(claim.getNamespace(), claim.getName())
                                            .toString())
                            .stream()
                            .filter(pod ->
                                    !Pods.node(pod).isEmpty() && !Pods.node(pod).equals(node))
                            .filter(pod -> !WantedVolumes.isTerminated(pod))
                            .toList();
            for (Pod pod : volume.pods()) {
                events.warning(pod, "FailedAttachVolume", MultiAttach.message(volume.name(), pod, users));
            }
        }
    }

    /** Tells the node what is attached, and the pods what is so since now. */
    private void report(Node node, NodePlan plan, Map<String, WantedVolume> wanted) {
        Set<String> told = NodePlan.told(node);
        if (told.equals(plan.reported())) {
            return;
        }
        List<Map<String, String>> attached = plan.reported().stream()
                .map(name -> Map.of("name", name, "devicePath", ""))
                .toList();
        Patch.of(client, node)
                .status()
                .merge(Map.of(
                        "metadata", Map.of("uid", node.getMetadata().getUid()),
                        "status", Map.of("volumesAttached", attached)));
        for (WantedVolume volume : wanted.values()) {
            String name = WantedVolume.nodeName(volume.volume());
            if (plan.reported().contains(name) && !told.contains(name)) {
                for (Pod pod : volume.pods()) {
                    events.normal(
                            pod,
                            "SuccessfulAttachVolume",
                            "AttachVolume.Attach succeeded for volume \"" + volume.name() + "\" ");
                }
            }
        }
    }

    /**
     * Detaches what the live node has let go.
     *
     * @return whether the node may still begin to use something, as it was told that it is attached: the cache was behind
     */
    private boolean detach(String name, NodePlan plan, boolean outOfService, List<KubernetesClientException> refusals) {
        for (VolumeAttachment attachment : plan.force()) {
            each(refusals, () -> {
                if (detached(attachment)) {
                    forced.labelValues(outOfService ? "out-of-service" : "timeout")
                            .inc();
                }
            });
        }
        if (plan.detach().isEmpty()) {
            return false;
        }
        boolean told = false;
        Node live = client.nodes().withName(name).get();
        for (VolumeAttachment attachment : plan.detach()) {
            PersistentVolume volume = volumes.get("", NodePlan.volumeName(attachment));
            if (volume == null) {
                continue;
            }
            switch (NodePlan.grip(live, WantedVolume.nodeName(volume))) {
                case NONE -> each(refusals, () -> detached(attachment));
                case TOLD -> told = true;
                case IN_USE -> {
                    // The node says when it has let go.
                }
            }
        }
        return told;
    }
}
