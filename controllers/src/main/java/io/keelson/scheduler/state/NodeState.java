package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node, and what the pods on it take of it. Owned by the thread that owns the {@link ClusterState}. */
public final class NodeState {
    private final int slot;
    private Node node;
    private Amounts allocatable = new Amounts();
    private Map<String, String> labels = Map.of();
    private List<Taint> taints = List.of();
    private Map<String, Long> imageSizes = Map.of();
    private Amounts requested = new Amounts();
    private Amounts usual = new Amounts();
    private final Map<String, PodInfo> pods = new LinkedHashMap<>();
    private final List<HostPort> ports = new ArrayList<>();
    private final Map<String, PodInfo> volumeUsers = new LinkedHashMap<>();

    NodeState(int slot, Node node, ResourceTable table) {
        this.slot = slot;
        this.node = node;
        update(node, table);
    }

    /** Another version of the node. */
    void update(Node newNode, ResourceTable table) {
        node = newNode;
        labels = OrEmpty.of(newNode.getMetadata().getLabels());
        taints = newNode.getSpec() == null
                ? List.of()
                : OrEmpty.of(newNode.getSpec().getTaints());
        allocatable = newNode.getStatus() == null
                ? new Amounts()
                : Amounts.of(newNode.getStatus().getAllocatable(), table);
        Map<String, Long> images = new HashMap<>();
        if (newNode.getStatus() != null) {
            for (ContainerImage image : OrEmpty.of(newNode.getStatus().getImages())) {
                for (String name : OrEmpty.of(image.getNames())) {
                    images.put(name, image.getSizeBytes() == null ? 0 : image.getSizeBytes());
                }
            }
        }
        imageSizes = images;
    }

    void add(PodInfo pod) {
        if (pods.put(pod.uid(), pod) != null) {
            throw new IllegalStateException("pod " + pod.key() + " is on node " + name() + " already");
        }
        requested.add(pod.requests());
        usual.add(pod.usual());
        ports.addAll(pod.ports());
        if (!pod.volumes().isEmpty()) {
            volumeUsers.put(pod.uid(), pod);
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
        volumeUsers.remove(pod.uid());
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

    /** The node as the API tells of it. */
    public Node node() {
        return node;
    }

    /** Its name. */
    public String name() {
        return node.getMetadata().getName();
    }

    /** Its labels. */
    public Map<String, String> labels() {
        return labels;
    }

    /** Its taints. */
    public List<Taint> taints() {
        return taints;
    }

    /** Whether no new pods are to be put there. */
    public boolean unschedulable() {
        return node.getSpec() != null && OrEmpty.of(node.getSpec().getUnschedulable());
    }

    /** What there is for pods. */
    public long allocatable(int resource) {
        return allocatable.get(resource);
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

    /** The names of the images that it has. */
    Set<String> images() {
        return imageSizes.keySet();
    }

    /** How large an image is that the node has, in bytes; -1 if it has none of that name. */
    public long imageSize(String name) {
        return imageSizes.getOrDefault(name, -1L);
    }
}
