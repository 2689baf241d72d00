package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.runtime.Cache;
import io.keelson.scheduler.decision.Observed;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.state.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where the volumes of pods are, by what the API has told last of claims, volumes and nodes. What it says is for preferences only:
 * it may be behind.
 */
public final class DataPlaces implements Observed {
    private static final double ATTACHABLE = 0.5;

    private @Nullable Cache<PersistentVolumeClaim> claims;
    private @Nullable Cache<PersistentVolume> volumes;
    private @Nullable Cache<Node> nodes;

    @Override
    public void watch(Watches watches) {
        claims = watches.read(PersistentVolumeClaim.class);
        volumes = watches.read(PersistentVolume.class);
        nodes = watches.read(Node.class);
    }

    /**
     * For each volume of a pod that is in some place how near a node is to it, from 0 to 1: 1 where the volume is attached, or
     * where it lies if it is a node's own; a half where it can be attached.
     */
    List<ToDoubleFunction<NodeState>> nearness(Pod pod) {
        List<ToDoubleFunction<NodeState>> all = new ArrayList<>();
        for (Volume volume : PodVolumes.of(pod)) {
            PersistentVolume bound = bound(pod, PodVolumes.claim(pod, volume));
            ToDoubleFunction<NodeState> nearness = bound == null ? null : nearness(bound);
            if (nearness != null) {
                all.add(nearness);
            }
        }
        return all;
    }

    private @Nullable PersistentVolume bound(Pod pod, @Nullable String claimName) {
        Cache<PersistentVolumeClaim> knownClaims = claims;
        Cache<PersistentVolume> knownVolumes = volumes;
        if (knownClaims == null || knownVolumes == null || claimName == null) {
            return null;
        }
        PersistentVolumeClaim claim = knownClaims.get(pod.getMetadata().getNamespace(), claimName);
        String bound = claim == null || claim.getSpec() == null
                ? ""
                : OrEmpty.of(claim.getSpec().getVolumeName());
        return bound.isEmpty() ? null : knownVolumes.get("", bound);
    }

    /** Null if the volume is everywhere the same. */
    private @Nullable ToDoubleFunction<NodeState> nearness(PersistentVolume volume) {
        if (volume.getSpec() == null) {
            return null;
        }
        NodeSelector required = volume.getSpec().getNodeAffinity() == null
                ? null
                : volume.getSpec().getNodeAffinity().getRequired();
        CSIPersistentVolumeSource driver = volume.getSpec().getCsi();
        if (driver == null) {
            return required == null ? null : node -> NodeChoice.matches(required, node.name(), node.labels()) ? 1 : 0;
        }
        String attached = "kubernetes.io/csi/" + driver.getDriver() + '^' + driver.getVolumeHandle();
        return node -> {
            if (isAttached(node, attached)) {
                return 1;
            }
            return required != null && NodeChoice.matches(required, node.name(), node.labels()) ? ATTACHABLE : 0;
        };
    }

    private boolean isAttached(NodeState state, String volume) {
        Cache<Node> knownNodes = nodes;
        Node node = knownNodes == null ? null : knownNodes.get("", state.name());
        if (node == null || node.getStatus() == null) {
            return false;
        }
        for (AttachedVolume each : OrEmpty.of(node.getStatus().getVolumesAttached())) {
            if (volume.equals(each.getName())) {
                return true;
            }
        }
        return OrEmpty.of(node.getStatus().getVolumesInUse()).contains(volume);
    }
}
