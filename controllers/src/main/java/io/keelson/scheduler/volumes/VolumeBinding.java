package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.plugins.NodeResourcesFit.Point;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod goes only where its volumes are, or can be made; there it gets them before it is bound. Where storage is to be
 * compared, nodes with more or less of it left are better.
 */
public final class VolumeBinding implements Filter, Score, Reserve, Hinted {
    /** How long a pod's claims may take to be bound, as {@code bindTimeoutSeconds} says if nobody says otherwise. */
    public static final Duration BIND_TIMEOUT = Duration.ofMinutes(10);

    /** As profiles call it. */
    public static final String NAME = "VolumeBinding";

    private final StorageState storage;
    private final Duration bindTimeout;
    private final List<Point> shape;

    /**
     * Binds by what is there.
     *
     * @param bindTimeout {@code bindTimeoutSeconds}
     * @param shape what a node is worth by how much of its storage would be used; empty to compare none
     */
    public VolumeBinding(StorageState storage, Duration bindTimeout, List<Point> shape) {
        if (bindTimeout.isNegative()) {
            throw new IllegalArgumentException("bindTimeoutSeconds must not be negative, as " + bindTimeout + " is");
        }
        this.storage = storage;
        this.bindTimeout = bindTimeout;
        this.shape = List.copyOf(shape);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
        return hasNoClaims(pod) || !(PodClaims.of(pod, storage) instanceof PodClaims.Unusable unusable)
                ? null
                : rejection(unusable.reason());
    }

    private static Rejection rejection(String reason) {
        return new Rejection(NAME, reason, false);
    }

    private static boolean hasNoClaims(PodInfo pod) {
        return pod.volumes().claims().isEmpty();
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        return hasNoClaims(pod) ? null : test(pod);
    }

    private Test test(PodInfo pod) {
        return switch (PodClaims.of(pod, storage)) {
            case PodClaims.Unusable unusable -> {
                List<Rejection> rejections = List.of(rejection(unusable.reason()));
                yield node -> rejections;
            }
            case PodClaims.Usable usable -> {
                VolumeFinder finder = new VolumeFinder(usable, storage);
                yield node -> finder.find(node).reasons().stream()
                        .map(VolumeBinding::rejection)
                        .toList();
            }
        };
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        if (shape.isEmpty()
                || hasNoClaims(pod)
                || !(PodClaims.of(pod, storage) instanceof PodClaims.Usable usable)
                || usable.waiting().isEmpty()) {
            return null;
        }
        VolumeFinder finder = new VolumeFinder(usable, storage);
        return node -> StorageUsage.of(finder.find(node)).worth(shape);
    }

    @Override
    public @Nullable Reservation reserve(PodInfo pod, NodeState node) throws ReservationException {
        if (hasNoClaims(pod)) {
            return null;
        }
        NodeVolumes found;
        switch (PodClaims.of(pod, storage)) {
            case PodClaims.Unusable unusable -> throw new ReservationException(unusable.reason());
            case PodClaims.Usable usable -> {
                if (usable.waiting().isEmpty()) {
                    return null;
                }
                found = new VolumeFinder(usable, storage).find(node);
            }
        }
        if (!found.reasons().isEmpty()) {
            throw new ReservationException(String.join(", ", found.reasons()));
        }
        return VolumeReservation.take(pod, node.name(), found, storage, bindTimeout);
    }

    @Override
    public Set<Kind> helpedBy() {
        return EnumSet.of(
                Kind.VOLUME_CLAIM,
                Kind.VOLUME,
                Kind.STORAGE_CLASS,
                Kind.CSI_DRIVER,
                Kind.STORAGE_CAPACITY,
                Kind.NODE_ADDED,
                Kind.NODE_LABELS);
    }

    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        NodeState node = event.node();
        if (node != null) {
            return hasNoClaims(waiting) || test(waiting).test(node).isEmpty();
        }
        HasMetadata now = event.change() == null ? null : event.change().now();
        if (event.change() != null
                && event.change().before() instanceof PersistentVolume before
                && isKept(waiting, before)) {
            // Without it the claim may get another one.
            return true;
        }
        if (now == null) {
            // A driver that is gone does not say any more how little room there is; all else does not help by going.
            return event.kind() == Kind.CSI_DRIVER;
        }
        return switch (event.kind()) {
            case VOLUME_CLAIM -> waiting.volumes().claims().contains(Key.of(now));
            case VOLUME -> concerns(waiting, (PersistentVolume) now);
            case STORAGE_CLASS -> isOfClass(waiting, now.getMetadata().getName());
            case STORAGE_CAPACITY -> isOfClass(waiting, OrEmpty.of(((CSIStorageCapacity) now).getStorageClassName()));
            default -> true;
        };
    }

    /** Whether a volume names one of a pod's claims. */
    private static boolean isKept(PodInfo waiting, PersistentVolume volume) {
        Key named = StorageState.claimNamed(volume);
        return named != null && waiting.volumes().claims().contains(named);
    }

    private boolean concerns(PodInfo waiting, PersistentVolume volume) {
        if (isKept(waiting, volume)) {
            return true;
        }
        for (Key key : waiting.volumes().claims()) {
            PersistentVolumeClaim claim = storage.claim(key);
            if (claim == null) {
                continue;
            }
            String wanted = StorageState.volumeName(claim);
            boolean isIts = wanted.isEmpty()
                    ? StorageClasses.of(claim).equals(StorageClasses.of(volume))
                    : wanted.equals(volume.getMetadata().getName());
            if (isIts) {
                return true;
            }
        }
        return false;
    }

    private boolean isOfClass(PodInfo waiting, String name) {
        for (Key key : waiting.volumes().claims()) {
            PersistentVolumeClaim claim = storage.claim(key);
            if (claim != null && name.equals(StorageClasses.of(claim))) {
                return true;
            }
        }
        return false;
    }
}
