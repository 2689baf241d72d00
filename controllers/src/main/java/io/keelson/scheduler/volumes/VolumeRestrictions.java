package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
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
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A claim for one pod is used by one pod in the cluster; and some disks can be on a node only once. */
public final class VolumeRestrictions implements Filter, Hinted {
    private static final String NAME = "VolumeRestrictions";
    private static final String ONE_POD = "ReadWriteOncePod";
    private static final List<Rejection> DISK_TAKEN =
            List.of(new Rejection(NAME, "node(s) had no available disk", true));
    private static final List<Rejection> CLAIM_TAKEN = List.of(new Rejection(
            NAME,
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
            true));

    private final StorageState storage;

    /** Restricts by what is there. */
    public VolumeRestrictions(StorageState storage) {
        this.storage = storage;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
        for (Volume volume : pod.volumes().volumes()) {
            Key claim = claim(pod, volume);
            if (claim != null && storage.claim(claim) == null) {
                return new Rejection(NAME, PodClaims.notFound(claim.name()), false);
            }
        }
        return null;
    }

    /** The claim that a volume names; null if it names none. One that is made for the pod is nobody else's. */
    private static @Nullable Key claim(PodInfo pod, Volume volume) {
        return volume.getPersistentVolumeClaim() == null
                ? null
                : Key.of(pod.namespace(), volume.getPersistentVolumeClaim().getClaimName());
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        if (pod.volumes().isEmpty()) {
            return null;
        }
        List<Volume> disks = disks(pod);
        boolean claimTaken = claimsOfOnePod(pod).stream().anyMatch(claim -> cluster.usesOfClaim(claim) > 0);
        if (disks.isEmpty() && !claimTaken) {
            return null;
        }
        return node -> {
            if (isTaken(disks, node)) {
                return DISK_TAKEN;
            }
            return claimTaken ? CLAIM_TAKEN : List.of();
        };
    }

    private static List<Volume> disks(PodInfo pod) {
        return pod.volumes().volumes().stream()
                .filter(DiskConflicts::isExclusive)
                .toList();
    }

    private List<Key> claimsOfOnePod(PodInfo pod) {
        List<Key> claims = new ArrayList<>();
        for (Volume volume : pod.volumes().volumes()) {
            Key key = claim(pod, volume);
            PersistentVolumeClaim claim = key == null ? null : storage.claim(key);
            if (key != null
                    && claim != null
                    && OrEmpty.of(claim.getSpec().getAccessModes()).contains(ONE_POD)) {
                claims.add(key);
            }
        }
        return claims;
    }

    private static boolean isTaken(List<Volume> disks, NodeState node) {
        for (Volume disk : disks) {
            for (PodInfo other : node.volumeUsers()) {
                for (Volume taken : other.volumes().volumes()) {
                    if (DiskConflicts.areInConflict(disk, taken)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Override
    public Set<Kind> helpedBy() {
        return EnumSet.of(Kind.POD_LEFT, Kind.NODE_ADDED, Kind.VOLUME_CLAIM);
    }

    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        return switch (event.kind()) {
            case VOLUME_CLAIM ->
                event.change() != null
                        && !event.change().deleted()
                        && waiting.volumes()
                                .claims()
                                .contains(Key.of(event.change().object()));
            case POD_LEFT -> event.pod() != null && sharesWith(waiting, event.pod());
            default -> !disks(waiting).isEmpty();
        };
    }

    private boolean sharesWith(PodInfo waiting, PodInfo left) {
        return !Collections.disjoint(claimsOfOnePod(waiting), left.volumes().claims())
                || disks(waiting).stream()
                        .anyMatch(disk -> left.volumes().volumes().stream()
                                .anyMatch(other -> DiskConflicts.areInConflict(disk, other)));
    }
}
