package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Volumes that were chosen for a claim and that the cache still shows as free. Many claims that want the same would all
 * choose the same volume else, and all but one of them would fail to write it.
 *
 * <p>An entry goes when the cache shows another version of the volume than the one that was chosen: the write or, if it was
 * somebody else's, something that has to be looked at again anyway. So there are no more entries than volumes that are being
 * bound. Safe for any thread.
 */
final class TakenVolumes {
    private final Map<String, Taken> taken = new ConcurrentHashMap<>();

    private record Taken(String version, String claimUid) {}

    /** Takes a volume for a claim; false if it is another's. A claim may take what it has: its own write may have failed. */
    boolean take(PersistentVolume volume, PersistentVolumeClaim claim) {
        Taken wanted = new Taken(
                volume.getMetadata().getResourceVersion(), claim.getMetadata().getUid());
        Taken known = taken.putIfAbsent(volume.getMetadata().getName(), wanted);
        return known == null || known.claimUid().equals(wanted.claimUid());
    }

    /** Gives a volume back. */
    void leave(PersistentVolume volume) {
        taken.remove(volume.getMetadata().getName());
    }

    /** Whether a volume is taken for another claim. */
    boolean isTaken(PersistentVolume volume, PersistentVolumeClaim claim) {
        Taken known = taken.get(volume.getMetadata().getName());
        return known != null && !known.claimUid().equals(claim.getMetadata().getUid());
    }

    /** The cache shows a volume. */
    void shown(PersistentVolume volume) {
        String version = volume.getMetadata().getResourceVersion();
        taken.computeIfPresent(
                volume.getMetadata().getName(), (name, known) -> known.version().equals(version) ? known : null);
    }

    /** The cache shows that a volume is gone. */
    void gone(PersistentVolume volume) {
        taken.remove(volume.getMetadata().getName());
    }

    int size() {
        return taken.size();
    }
}
