package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.keelson.controllers.objects.InTreeMigration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node has no more volumes of a driver than the driver says that it can. A volume that several pods use counts once, and
 * so does one that is attached still though no pod there uses it.
 */
public final class NodeVolumeLimits implements Filter, Hinted {
    private static final String NAME = "NodeVolumeLimits";
    private static final List<Rejection> TOO_MANY =
            List.of(new Rejection(NAME, "node(s) exceed max volume count", true));

    private final StorageState storage;

    /**
     * A volume that is one for its driver.
     *
     * @param handle by which the driver knows it, or a name that no volume has for one that is to be made
     */
    private record Attached(String driver, String handle) {}

    /** Counts what is there. */
    public NodeVolumeLimits(StorageState storage) {
        this.storage = storage;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        return pod.volumes().isEmpty() ? null : node -> isWithin(pod, node) ? List.of() : TOO_MANY;
    }

    private boolean isWithin(PodInfo pod, NodeState node) {
        NodeDrivers drivers = storage.driversOf(node.name());
        if (drivers.limits().isEmpty() || isFarFromFull(pod, node, drivers)) {
            return true;
        }
        Set<Attached> more = new HashSet<>();
        add(pod, drivers, more);
        more.removeIf(each -> !drivers.limits().containsKey(each.driver()));
        if (more.isEmpty()) {
            return true;
        }
        Set<Attached> there = there(node, drivers);
        more.removeAll(there);
        Map<String, Integer> counts = new HashMap<>();
        more.forEach(each -> counts.merge(each.driver(), 1, Integer::sum));
        Set<String> growing = Set.copyOf(counts.keySet());
        for (Attached each : there) {
            if (growing.contains(each.driver())) {
                counts.merge(each.driver(), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .allMatch(each -> each.getValue() <= drivers.limits().getOrDefault(each.getKey(), Integer.MAX_VALUE));
    }

    /** Whether there would be room even if no volume were shared, and all were of the driver that can attach least. */
    private boolean isFarFromFull(PodInfo pod, NodeState node, NodeDrivers drivers) {
        int most = pod.volumes().volumes().size()
                + storage.attachments(node.name()).size();
        for (PodInfo other : node.volumeUsers()) {
            most += other.volumes().volumes().size();
        }
        for (int limit : drivers.limits().values()) {
            if (most > limit) {
                return false;
            }
        }
        return true;
    }

    private Set<Attached> there(NodeState node, NodeDrivers drivers) {
        Set<Attached> there = new HashSet<>();
        for (PodInfo other : node.volumeUsers()) {
            add(other, drivers, there);
        }
        for (VolumeAttachment attachment : storage.attachments(node.name())) {
            String name = attachment.getSpec().getSource() == null
                    ? null
                    : attachment.getSpec().getSource().getPersistentVolumeName();
            PersistentVolume volume = name == null ? null : storage.volume(name);
            Attached attached = volume == null ? null : attached(volume, drivers);
            if (attached != null) {
                there.add(attached);
            }
        }
        return there;
    }

    private void add(PodInfo pod, NodeDrivers drivers, Set<Attached> volumes) {
        for (Volume volume : pod.volumes().volumes()) {
            Attached attached = attached(pod, volume, drivers);
            if (attached != null) {
                volumes.add(attached);
            }
        }
    }

    private @Nullable Attached attached(PodInfo pod, Volume volume, NodeDrivers drivers) {
        String name = PodVolumes.claim(pod.pod(), volume);
        if (name == null) {
            return migrated(InTreeVolumes.of(volume), drivers);
        }
        PersistentVolumeClaim claim = storage.claim(Key.of(pod.namespace(), name));
        if (claim == null
                || (volume.getPersistentVolumeClaim() == null && PodVolumes.conflict(pod.pod(), claim) != null)) {
            // Nothing can be attached for it.
            return null;
        }
        PersistentVolume bound = storage.volume(StorageState.volumeName(claim));
        return bound == null ? toBeMade(claim, drivers) : attached(bound, drivers);
    }

    private static @Nullable Attached attached(PersistentVolume volume, NodeDrivers drivers) {
        var csi = volume.getSpec().getCsi();
        return csi == null
                ? migrated(InTreeVolumes.of(volume), drivers)
                : new Attached(OrEmpty.of(csi.getDriver()), OrEmpty.of(csi.getVolumeHandle()));
    }

    private static @Nullable Attached migrated(InTreeVolumes.@Nullable InTreeVolume volume, NodeDrivers drivers) {
        String driver = volume == null || !drivers.migrated().contains(volume.plugin())
                ? null
                : InTreeMigration.driver(volume.plugin());
        return volume == null || driver == null ? null : new Attached(driver, volume.handle());
    }

    /** A volume that its class will make; each claim gets one of its own. */
    private @Nullable Attached toBeMade(PersistentVolumeClaim claim, NodeDrivers drivers) {
        StorageClass storageClass = storage.storageClass(StorageClasses.of(claim));
        if (storageClass == null) {
            return null;
        }
        String provisioner = OrEmpty.of(storageClass.getProvisioner());
        String driver = InTreeMigration.driver(provisioner);
        if (driver != null && !drivers.migrated().contains(provisioner)) {
            return null;
        }
        // No driver names a volume with a line break.
        return new Attached(driver == null ? provisioner : driver, "\n" + Key.of(claim));
    }

    @Override
    public Set<Kind> helpedBy() {
        return EnumSet.of(
                Kind.POD_LEFT,
                Kind.POD_ASSIGNED,
                Kind.NODE_ADDED,
                Kind.CSI_NODE,
                Kind.VOLUME_CLAIM,
                Kind.VOLUME,
                Kind.VOLUME_ATTACHMENT);
    }

    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        return switch (event.kind()) {
            // A pod that comes may bring a volume that the waiting one uses, too, and that is counted once.
            case POD_LEFT, POD_ASSIGNED ->
                event.pod() != null
                        && !event.pod().volumes().isEmpty()
                        && event.node() != null
                        && isWithin(waiting, event.node());
            case VOLUME_CLAIM ->
                event.change() != null
                        && waiting.volumes()
                                .claims()
                                .contains(Key.of(event.change().object()));
            case VOLUME_ATTACHMENT -> event.change() != null && event.change().deleted();
            default -> event.node() == null || isWithin(waiting, event.node());
        };
    }
}
