package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod goes only to the zones and regions that the labels of its volumes name. Nodes without any such label are taken to be
 * of a cluster that has no zones.
 */
public final class VolumeZone implements Filter, Hinted {
    private static final String NAME = "VolumeZone";
    private static final List<Rejection> ELSEWHERE =
            List.of(new Rejection(NAME, "node(s) had no available volume zone", false));
    /** By the labels of former times, those of today, and the other way round. */
    private static final Map<String, String> LABELS = Map.of(
            "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone", "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region", "topology.kubernetes.io/region");

    private final StorageState storage;

    /** What a volume's label asks of nodes. */
    private record Topology(String label, Set<String> values) {
        boolean has(NodeState node) {
            String value = node.labels().get(label);
            if (value == null) {
                value = node.labels().get(LABELS.getOrDefault(label, label));
            }
            return value != null && values.contains(value);
        }
    }

    /** Either what is asked of nodes, or why no node will do. */
    private record Asked(
            List<Topology> topologies, @Nullable String failure) {
        static Asked failed(String reason) {
            return new Asked(List.of(), reason);
        }
    }

    /** Looks at what is there. */
    public VolumeZone(StorageState storage) {
        this.storage = storage;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
        String failure = pod.volumes().claims().isEmpty() ? null : asked(pod).failure();
        return failure == null ? null : new Rejection(NAME, failure, false);
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        if (pod.volumes().claims().isEmpty()) {
            return null;
        }
        Asked asked = asked(pod);
        if (asked.failure() != null) {
            List<Rejection> failed = List.of(new Rejection(NAME, asked.failure(), false));
            return node -> failed;
        }
        return asked.topologies().isEmpty()
                ? null
                : node -> !hasZones(node) || asked.topologies().stream().allMatch(each -> each.has(node))
                        ? List.of()
                        : ELSEWHERE;
    }

    private static boolean hasZones(NodeState node) {
        return LABELS.keySet().stream().anyMatch(node.labels()::containsKey);
    }

    private Asked asked(PodInfo pod) {
        List<Topology> topologies = new ArrayList<>();
        for (Volume each : pod.volumes().volumes()) {
            if (each.getPersistentVolumeClaim() == null) {
                continue;
            }
            String name = each.getPersistentVolumeClaim().getClaimName();
            PersistentVolumeClaim claim = storage.claim(Key.of(pod.namespace(), name));
            if (claim == null) {
                return Asked.failed(PodClaims.notFound(name));
            }
            String volumeName = StorageState.volumeName(claim);
            if (volumeName.isEmpty()) {
                String failure = unbound(claim);
                if (failure != null) {
                    return Asked.failed(failure);
                }
                continue;
            }
            PersistentVolume volume = storage.volume(volumeName);
            if (volume == null) {
                return Asked.failed("persistentvolume \"" + volumeName + "\" not found");
            }
            OrEmpty.of(volume.getMetadata().getLabels()).forEach((label, value) -> {
                Set<String> values = LABELS.containsKey(label) ? values(value) : Set.of();
                if (!values.isEmpty()) {
                    topologies.add(new Topology(label, values));
                }
            });
        }
        return new Asked(topologies, null);
    }

    /** Why a claim without a volume keeps its pod from running; null if it will get one where the pod is. */
    private @Nullable String unbound(PersistentVolumeClaim claim) {
        String className = StorageClasses.of(claim);
        if (className.isEmpty()) {
            return "PersistentVolumeClaim had no pv name and storageClass name";
        }
        StorageClass storageClass = storage.storageClass(className);
        if (storageClass == null) {
            return "storageclass.storage.k8s.io \"" + className + "\" not found";
        }
        return StorageClasses.waitsForConsumer(storageClass) ? null : "PersistentVolume had no name";
    }

    /** The values of a label, which two underscores divide; none if one of them is empty: that says nothing. */
    private static Set<String> values(String label) {
        String[] values = label.split("__", -1);
        Set<String> named = Set.copyOf(List.of(values));
        return named.contains("") ? Set.of() : named;
    }

    @Override
    public Set<Kind> helpedBy() {
        return EnumSet.of(Kind.VOLUME_CLAIM, Kind.VOLUME, Kind.STORAGE_CLASS, Kind.NODE_ADDED, Kind.NODE_LABELS);
    }

    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        NodeState node = event.node();
        if (node != null) {
            Asked asked = asked(waiting);
            return asked.failure() == null
                    && (!hasZones(node) || asked.topologies().stream().allMatch(each -> each.has(node)));
        }
        if (event.change() == null || event.change().deleted()) {
            return false;
        }
        return switch (event.kind()) {
            case VOLUME_CLAIM ->
                waiting.volumes().claims().contains(Key.of(event.change().object()));
            case VOLUME -> isOf(waiting, event.change().object().getMetadata().getName());
            default -> true;
        };
    }

    private boolean isOf(PodInfo pod, String volume) {
        return pod.volumes().claims().stream()
                .map(storage::claim)
                .anyMatch(claim -> claim != null && volume.equals(StorageState.volumeName(claim)));
    }
}
