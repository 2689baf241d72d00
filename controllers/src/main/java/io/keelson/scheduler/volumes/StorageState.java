package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Observed;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Claims, volumes, and what else there is to know of a cluster's storage: what the API has told, and what was decided since.
 * Owned by the thread that owns the scheduler's state; {@link #live} is for any thread.
 */
public final class StorageState implements Observed {
    private final Map<Key, Map<Key, PersistentVolume>> volumesByClaim = new HashMap<>();
    private final Map<String, Map<Key, PersistentVolume>> freeByClass = new HashMap<>();
    private final Map<String, Map<Key, CSIStorageCapacity>> capacitiesByClass = new HashMap<>();
    private final Map<String, Map<Key, VolumeAttachment>> attachmentsByNode = new HashMap<>();
    private final Map<Key, NodeDrivers> nodeDrivers = new HashMap<>();

    private final AssumableObjects<PersistentVolumeClaim> claims = new AssumableObjects<>((before, now) -> {});
    private final AssumableObjects<PersistentVolume> volumes = new AssumableObjects<>(this::volumeChanged);
    private final AssumableObjects<StorageClass> classes = new AssumableObjects<>((before, now) -> {});
    private final AssumableObjects<CSIDriver> drivers = new AssumableObjects<>((before, now) -> {});
    private final AssumableObjects<CSINode> csiNodes = new AssumableObjects<>(this::csiNodeChanged);
    private final AssumableObjects<CSIStorageCapacity> capacities =
            new AssumableObjects<>(grouped(capacitiesByClass, CSIStorageCapacity::getStorageClassName));
    private final AssumableObjects<VolumeAttachment> attachments = new AssumableObjects<>(
            grouped(attachmentsByNode, each -> each.getSpec().getNodeName()));

    private final ClaimSignals signals = new ClaimSignals();
    private Consumer<ClusterEvent> events = event -> {};
    private @Nullable LiveStorage live;

    @Override
    public void watch(Watches watches) {
        events = watches::happened;
        Cache<StorageClass> _ = watches.listen(StorageClass.class, this::storageClass);
        Cache<CSIDriver> _ = watches.listen(CSIDriver.class, this::driver);
        Cache<CSINode> _ = watches.listen(CSINode.class, this::csiNode);
        Cache<CSIStorageCapacity> _ = watches.listen(CSIStorageCapacity.class, this::capacity);
        Cache<VolumeAttachment> _ = watches.listen(VolumeAttachment.class, this::attachment);
        Cache<PersistentVolume> allVolumes = watches.listen(PersistentVolume.class, this::volume);
        Cache<PersistentVolumeClaim> allClaims = watches.listen(PersistentVolumeClaim.class, this::claim);
        see(LiveStorage.of(watches.read(Pod.class), watches.read(Node.class), allClaims, allVolumes));
    }

    /** Where {@link #live} looks. */
    void see(LiveStorage there) {
        live = there;
    }

    void claim(Change<PersistentVolumeClaim> change) {
        tell(claims, Kind.VOLUME_CLAIM, change);
        signals.changed(Key.of(change.object()));
    }

    void volume(Change<PersistentVolume> change) {
        tell(volumes, Kind.VOLUME, change);
    }

    void storageClass(Change<StorageClass> change) {
        tell(classes, Kind.STORAGE_CLASS, change);
    }

    void driver(Change<CSIDriver> change) {
        tell(drivers, Kind.CSI_DRIVER, change);
    }

    void csiNode(Change<CSINode> change) {
        tell(csiNodes, Kind.CSI_NODE, change);
    }

    void capacity(Change<CSIStorageCapacity> change) {
        tell(capacities, Kind.STORAGE_CAPACITY, change);
    }

    void attachment(Change<VolumeAttachment> change) {
        tell(attachments, Kind.VOLUME_ATTACHMENT, change);
    }

    private <T extends HasMetadata> void tell(AssumableObjects<T> objects, Kind kind, Change<T> change) {
        if (objects.tell(change)) {
            events.accept(ClusterEvent.of(kind, change));
        }
    }

    private void volumeChanged(@Nullable PersistentVolume before, @Nullable PersistentVolume now) {
        replace(volumesByClaim, before, now, StorageState::claimNamed);
        replace(freeByClass, before, now, StorageState::classOfFree);
    }

    private static @Nullable String classOfFree(PersistentVolume volume) {
        return volume.getSpec().getClaimRef() == null ? StorageClasses.of(volume) : null;
    }

    /** The claim that a volume names; null if it names none. */
    static @Nullable Key claimNamed(PersistentVolume volume) {
        ObjectReference reference = volume.getSpec().getClaimRef();
        return reference == null || reference.getName() == null
                ? null
                : Key.of(reference.getNamespace(), reference.getName());
    }

    private void csiNodeChanged(@Nullable CSINode before, @Nullable CSINode now) {
        if (now != null) {
            nodeDrivers.put(Key.of(now), NodeDrivers.of(now));
        } else if (before != null) {
            nodeDrivers.remove(Key.of(before));
        }
    }

    private static <T extends HasMetadata> BiConsumer<@Nullable T, @Nullable T> grouped(
            Map<String, Map<Key, T>> groups, Function<T, @Nullable String> group) {
        return (before, now) -> replace(groups, before, now, group);
    }

    private static <K, T extends HasMetadata> void replace(
            Map<K, Map<Key, T>> groups, @Nullable T before, @Nullable T now, Function<T, @Nullable K> group) {
        K from = before == null ? null : group.apply(before);
        if (before != null && from != null) {
            Map<Key, T> left = groups.get(from);
            if (left != null && left.remove(Key.of(before)) != null && left.isEmpty()) {
                groups.remove(from);
            }
        }
        K to = now == null ? null : group.apply(now);
        if (now != null && to != null) {
            groups.computeIfAbsent(to, ignored -> new HashMap<>()).put(Key.of(now), now);
        }
    }

    /** A claim as it is or is assumed to become; null if there is none. */
    @Nullable
    PersistentVolumeClaim claim(Key key) {
        return claims.get(key);
    }

    /** A volume as it is or is assumed to become; null if there is none. */
    @Nullable
    PersistentVolume volume(String name) {
        return volumes.get(new Key("", name));
    }

    /** A claim as the API told of it last; null if there is none. */
    @Nullable
    PersistentVolumeClaim toldClaim(Key key) {
        return claims.told(key);
    }

    /** A volume as the API told of it last; null if there is none. */
    @Nullable
    PersistentVolume toldVolume(Key key) {
        return volumes.told(key);
    }

    /** A class; null if there is none. */
    @Nullable
    StorageClass storageClass(String name) {
        return classes.get(new Key("", name));
    }

    /** A driver; null if there is none that says anything of itself. */
    @Nullable
    CSIDriver driver(String name) {
        return drivers.get(new Key("", name));
    }

    /** What the drivers of a node say. */
    NodeDrivers driversOf(String node) {
        return nodeDrivers.getOrDefault(new Key("", node), NodeDrivers.NONE);
    }

    /** The volumes of a class that name no claim. */
    Collection<PersistentVolume> free(String storageClass) {
        return in(freeByClass, storageClass);
    }

    /** The volumes that name a claim, be it this one or a former one of that name. */
    Collection<PersistentVolume> naming(Key claim) {
        return in(volumesByClaim, claim);
    }

    /** How much room drivers say that there is for a class. */
    Collection<CSIStorageCapacity> capacities(String storageClass) {
        return in(capacitiesByClass, storageClass);
    }

    /** What is attached to a node. */
    Collection<VolumeAttachment> attachments(String node) {
        return in(attachmentsByNode, node);
    }

    private static <K, T> Collection<T> in(Map<K, Map<Key, T>> groups, K group) {
        Map<Key, T> found = groups.get(group);
        return found == null ? Collections.emptyList() : Collections.unmodifiableCollection(found.values());
    }

    /** Assumes that a volume names its claim, and that a claim names its node, as these changed copies do. */
    void assume(PersistentVolume volume, Object holder) {
        volumes.assume(volume, holder);
    }

    /** As {@link #assume(PersistentVolume, Object)}. */
    void assume(PersistentVolumeClaim claim, Object holder) {
        claims.assume(claim, holder);
    }

    /** Does not assume any more what somebody assumed of a volume; whoever waits for it is told. */
    void leave(PersistentVolume volume, Object holder) {
        leave(volumes, Kind.VOLUME, Key.of(volume), holder);
    }

    /** As {@link #leave(PersistentVolume, Object)}. */
    void leave(PersistentVolumeClaim claim, Object holder) {
        leave(claims, Kind.VOLUME_CLAIM, Key.of(claim), holder);
    }

    private <T extends HasMetadata> void leave(AssumableObjects<T> objects, Kind kind, Key key, Object holder) {
        if (objects.leave(key, holder)) {
            T now = objects.told(key);
            if (now != null) {
                events.accept(ClusterEvent.of(kind, new Change<>(now, now)));
            }
        }
    }

    /** Wakes who waits for a claim. */
    ClaimSignals signals() {
        return signals;
    }

    /** What the API has told last, for any thread. */
    LiveStorage live() {
        LiveStorage known = live;
        if (known == null) {
            throw new IllegalStateException("nothing is watched yet");
        }
        return known;
    }

    /** The name of a claim's volume; empty if it has none. */
    static String volumeName(PersistentVolumeClaim claim) {
        return OrEmpty.of(claim.getSpec().getVolumeName());
    }
}
