package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.objects.OrEmpty;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node, and what the pods on it take of it. Owned by the thread that owns the {@link ClusterState}.
 *
 * <p>Of the node it keeps what rules ask for, and shares with other nodes what they have in common: the object that the
 * API tells of takes some twenty times the memory, and there may be a million nodes. An empty node is some 300 bytes.
 */
public final class NodeState {
    private static final int PODS_FIRST = 4;

    private final int slot;
    private final Shared shared;
    private final String name;
    private Labels labels = Labels.NONE;
    private Labels annotations = Labels.NONE;
    private List<Taint> taints = List.of();
    private boolean unschedulable;
    private Amounts allocatable = Amounts.NOTHING;
    private int[] images = ImageTable.NONE;
    private List<String> declaredFeatures = List.of();

    /**
     * What pods take; of a node without pods {@link Amounts#NOTHING}, which is every such node's and is not added to.
     */
    private Amounts requested = Amounts.NOTHING;

    private Amounts usual = Amounts.NOTHING;
    private Map<String, PodInfo> pods = Map.of();
    private List<HostPort> ports = List.of();
    private Map<String, PodInfo> volumeUsers = Map.of();

    /** Where it is in the list of all nodes. */
    private int place;

    /** What the nodes of a cluster have in common. */
    record Shared(ResourceTable table, ImageTable images, SharedValues values) {
        Shared(ResourceTable table) {
            this(table, new ImageTable(), new SharedValues());
        }
    }

    NodeState(int slot, Node node, Shared shared) {
        this.slot = slot;
        this.shared = shared;
        this.name = node.getMetadata().getName();
        update(node);
    }

    /** The same node with the same pods, in no cluster: pods come and go here without anybody else seeing it. */
    private NodeState(NodeState other) {
        slot = other.slot;
        shared = other.shared;
        name = other.name;
        labels = other.labels;
        annotations = other.annotations;
        taints = other.taints;
        unschedulable = other.unschedulable;
        allocatable = other.allocatable;
        images = other.images;
        declaredFeatures = other.declaredFeatures;
        place = other.place;
        if (!other.pods.isEmpty()) {
            requested = other.requested.copy();
            usual = other.usual.copy();
            pods = new LinkedHashMap<>(other.pods);
        }
        ports = other.ports.isEmpty() ? List.of() : new ArrayList<>(other.ports);
        volumeUsers = other.volumeUsers.isEmpty() ? Map.of() : new LinkedHashMap<>(other.volumeUsers);
    }

    /** A copy that is in no cluster. */
    NodeState copy() {
        return new NodeState(this);
    }

    /** Another version of the node. */
    void update(Node node) {
        labels = Labels.of(OrEmpty.of(node.getMetadata().getLabels()), name, shared.values());
        annotations = Labels.of(OrEmpty.of(node.getMetadata().getAnnotations()), name, shared.values());
        taints = node.getSpec() == null
                ? List.of()
                : shared.values().of(List.copyOf(OrEmpty.of(node.getSpec().getTaints())));
        unschedulable = node.getSpec() != null && OrEmpty.of(node.getSpec().getUnschedulable());
        allocatable = node.getStatus() == null
                ? Amounts.NOTHING
                : shared.values().of(Amounts.of(node.getStatus().getAllocatable(), shared.table()));
        declaredFeatures = node.getStatus() == null
                ? List.of()
                : shared.values().of(List.copyOf(OrEmpty.of(node.getStatus().getDeclaredFeatures())));
        Map<String, Long> now = new HashMap<>();
        if (node.getStatus() != null) {
            for (ContainerImage image : OrEmpty.of(node.getStatus().getImages())) {
                for (String each : OrEmpty.of(image.getNames())) {
                    now.put(each, image.getSizeBytes() == null ? 0 : image.getSizeBytes());
                }
            }
        }
        int[] before = images;
        images = shared.images().add(now);
        shared.images().remove(before);
    }

    /** The node is gone from the cluster: its images count no more. */
    void release() {
        shared.images().remove(images);
        images = ImageTable.NONE;
    }

    void add(PodInfo pod) {
        if (pods.isEmpty()) {
            pods = new LinkedHashMap<>(PODS_FIRST);
            requested = new Amounts();
            usual = new Amounts();
        }
        if (pods.put(pod.uid(), pod) != null) {
            throw new IllegalStateException("pod " + pod.key() + " is on node " + name() + " already");
        }
        requested.add(pod.requests());
        usual.add(pod.usual());
        if (!pod.volumes().isEmpty()) {
            volumeUsers = volumeUsers.isEmpty() ? new LinkedHashMap<>() : volumeUsers;
            volumeUsers.put(pod.uid(), pod);
        }
        if (!pod.ports().isEmpty()) {
            ports = ports.isEmpty() ? new ArrayList<>() : ports;
            ports.addAll(pod.ports());
        }
    }

    void remove(PodInfo pod) {
        if (pods.remove(pod.uid()) == null) {
            throw new IllegalStateException("pod " + pod.key() + " is not on node " + name());
        }
        boolean requestedIsExact = requested.subtract(pod.requests());
        boolean usualIsExact = usual.subtract(pod.usual());
        if (!requestedIsExact || !usualIsExact) {
            sumAnew();
        }
        pod.ports().forEach(ports::remove);
        if (!pod.volumes().isEmpty()) {
            volumeUsers.remove(pod.uid());
            volumeUsers = volumeUsers.isEmpty() ? Map.of() : volumeUsers;
        }
        if (ports.isEmpty()) {
            ports = List.of();
        }
        if (pods.isEmpty()) {
            pods = Map.of();
            requested = Amounts.NOTHING;
            usual = Amounts.NOTHING;
        }
    }

    private void sumAnew() {
        requested = new Amounts();
        usual = new Amounts();
        for (PodInfo pod : pods.values()) {
            requested.add(pod.requests());
            usual.add(pod.usual());
        }
    }

    /** A number that no other node of the cluster has at the time; small, so that arrays can be indexed by it. */
    public int slot() {
        return slot;
    }

    /**
     * The node as an object, with what is kept of it: name, labels, annotations, taints, whether it takes new pods,
     * what there is for pods, images, and the features that it declares. Made anew each time, so for what is asked seldom.
     */
    public Node node() {
        Map<String, Quantity> amounts = new LinkedHashMap<>();
        for (int resource = 0; resource < allocatable.length(); resource++) {
            long amount = allocatable.get(resource);
            if (amount != 0) {
                amounts.put(
                        shared.table().name(resource),
                        Quantity.fromNumericalAmount(
                                resource == ResourceTable.CPU
                                        ? BigDecimal.valueOf(amount, 3)
                                        : BigDecimal.valueOf(amount),
                                null));
            }
        }
        List<ContainerImage> all = new ArrayList<>();
        shared.images()
                .images(images)
                .forEach((image, bytes) -> all.add(new ContainerImageBuilder()
                        .withNames(image)
                        .withSizeBytes(bytes)
                        .build()));
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withTaints(taints)
                .withUnschedulable(unschedulable ? true : null)
                .endSpec()
                .withNewStatus()
                .withAllocatable(amounts)
                .withImages(all)
                .withDeclaredFeatures(declaredFeatures)
                .endStatus()
                .build();
    }

    int place() {
        return place;
    }

    void setPlace(int newPlace) {
        place = newPlace;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its labels. */
    public Map<String, String> labels() {
        return labels;
    }

    /** Its annotations. */
    public Map<String, String> annotations() {
        return annotations;
    }

    /** Its taints. */
    public List<Taint> taints() {
        return taints;
    }

    /** The features that its status declares. */
    public List<String> declaredFeatures() {
        return declaredFeatures;
    }

    /** Whether no new pods are to be put there. */
    public boolean unschedulable() {
        return unschedulable;
    }

    /** What there is for pods of all resources. Not to be changed. */
    public Amounts allocatable() {
        return allocatable;
    }

    /** What there is for pods. */
    public long allocatable(int resource) {
        return allocatable.get(resource);
    }

    /** What there is for pods of a resource that a pod or a node names. */
    public long allocatable(String resource) {
        return allocatable.get(shared.table().number(resource));
    }

    /** What the pods on it have requested. */
    public long requested(int resource) {
        return requested.get(resource);
    }

    /** What the pods on it count for when nodes are compared. */
    public long usual(int resource) {
        return usual.get(resource);
    }

    /** The pods on it, those that are assumed included. */
    public Collection<PodInfo> pods() {
        return Collections.unmodifiableCollection(pods.values());
    }

    /** The ports that pods on it take. */
    public List<HostPort> ports() {
        return Collections.unmodifiableList(ports);
    }

    /** The pods on it that use the cluster's storage. */
    public Collection<PodInfo> volumeUsers() {
        return Collections.unmodifiableCollection(volumeUsers.values());
    }

    /** How large an image is that the node has, in bytes; -1 if it has none of that name. */
    public long imageSize(String image) {
        return shared.images().bytes(images, image);
    }
}
