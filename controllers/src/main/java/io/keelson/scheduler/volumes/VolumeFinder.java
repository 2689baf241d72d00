package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.volumebinder.VolumeMatch;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.volumes.NodeVolumes.Match;
import io.keelson.scheduler.volumes.NodeVolumes.Provision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pod's claims would get on each node. A claim that has a volume needs a node that reaches it. One that waits gets the
 * smallest volume that fits and that the node reaches, the smallest claim first; if there is none, one is to be made. A claim
 * for which a node was chosen once is not matched any more, as its volume may be made already.
 *
 * <p>What does not depend on the node is worked out once; good until the storage changes.
 */
final class VolumeFinder {
    static final String NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
    static final String BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
    static final String NOT_ENOUGH_SPACE = "node(s) did not have enough free storage";
    static final String VOLUME_MISSING = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

    /** The volumes of bound claims up to the first that is not there. */
    private final List<PersistentVolume> bound = new ArrayList<>();

    private final boolean isMissing;
    private final List<Wanted> selected = new ArrayList<>();
    private final List<Wanted> matched = new ArrayList<>();

    /**
     * A claim that waits.
     *
     * @param own the volume that names it; null if none does
     * @param free others that fit
     */
    private record Wanted(
            PersistentVolumeClaim claim, @Nullable PersistentVolume own, FreeVolumes free, Provisioner provisioner) {
        @Nullable
        PersistentVolume volume(NodeState node, Set<String> taken) {
            if (own != null) {
                // It is kept for this claim: no other volume is for it.
                return VolumeMatch.isReachable(own, node.name(), node.labels()) ? own : null;
            }
            return free.best(node, taken);
        }
    }

    VolumeFinder(PodClaims.Usable claims, StorageState storage) {
        boolean missing = false;
        for (PersistentVolumeClaim claim : claims.bound()) {
            PersistentVolume volume = storage.volume(StorageState.volumeName(claim));
            if (volume == null) {
                missing = true;
                break;
            }
            bound.add(volume);
        }
        isMissing = missing;
        for (PersistentVolumeClaim claim : claims.waiting()) {
            if (PodClaims.selectedNode(claim).isEmpty()) {
                PersistentVolume own = VolumeMatch.best(claim, storage.naming(Key.of(claim)), List.of(), null);
                List<PersistentVolume> fitting =
                        own != null ? List.of() : VolumeMatch.fitting(claim, storage.free(StorageClasses.of(claim)));
                matched.add(new Wanted(claim, own, new FreeVolumes(fitting), new Provisioner(claim, storage)));
            } else {
                selected.add(new Wanted(claim, null, new FreeVolumes(List.of()), new Provisioner(claim, storage)));
            }
        }
        matched.sort(Comparator.comparing(each -> StorageSizes.requested(each.claim())));
    }

    /** What they would get on a node. */
    NodeVolumes find(NodeState node) {
        List<String> reasons = new ArrayList<>();
        boolean isReached =
                bound.stream().allMatch(volume -> VolumeMatch.isReachable(volume, node.name(), node.labels()));
        if (!isReached) {
            reasons.add(NODE_CONFLICT);
        }
        List<Match> matches = new ArrayList<>();
        List<Provision> provisions = new ArrayList<>();
        String conflict = findForWaiting(node, matches, provisions);
        if (conflict != null) {
            reasons.add(conflict);
        }
        if (isReached && isMissing) {
            reasons.add(VOLUME_MISSING);
        }
        return new NodeVolumes(matches, provisions, reasons);
    }

    /** Returns why there is not a volume for each; null if there is. */
    private @Nullable String findForWaiting(NodeState node, List<Match> matches, List<Provision> provisions) {
        for (Wanted each : selected) {
            if (!PodClaims.selectedNode(each.claim()).equals(node.name())) {
                return BIND_CONFLICT;
            }
        }
        List<Wanted> toMake = new ArrayList<>(selected);
        Set<String> taken = new HashSet<>();
        for (Wanted each : matched) {
            PersistentVolume volume = each.volume(node, taken);
            if (volume == null) {
                toMake.add(each);
            } else {
                taken.add(volume.getMetadata().getName());
                matches.add(new Match(volume, each.claim()));
            }
        }
        for (Wanted each : toMake) {
            Provisioner.Answer answer = each.provisioner().on(node);
            switch (answer.place()) {
                case FOUND -> provisions.add(new Provision(each.claim(), answer.capacity()));
                case NOT_MADE -> {
                    return BIND_CONFLICT;
                }
                case NO_ROOM -> {
                    return NOT_ENOUGH_SPACE;
                }
            }
        }
        return null;
    }
}
