package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
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
    /** By name, the version that was chosen. */
    private final Map<String, String> versions = new ConcurrentHashMap<>();

    /** Takes a volume; false if it is taken. */
    boolean take(PersistentVolume volume) {
        return versions.putIfAbsent(
                        volume.getMetadata().getName(), volume.getMetadata().getResourceVersion())
                == null;
    }

    /** Gives a volume back. */
    void leave(PersistentVolume volume) {
        versions.remove(volume.getMetadata().getName());
    }

    boolean isTaken(PersistentVolume volume) {
        return versions.containsKey(volume.getMetadata().getName());
    }

    /** The cache shows a volume. */
    void shown(PersistentVolume volume) {
        String version = volume.getMetadata().getResourceVersion();
        versions.computeIfPresent(
                volume.getMetadata().getName(), (name, chosen) -> chosen.equals(version) ? chosen : null);
    }

    /** The cache shows that a volume is gone. */
    void gone(PersistentVolume volume) {
        versions.remove(volume.getMetadata().getName());
    }

    int size() {
        return versions.size();
    }
}
