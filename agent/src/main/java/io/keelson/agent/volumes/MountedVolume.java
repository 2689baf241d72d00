package io.keelson.agent.volumes;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume of a pod that is there.
 *
 * @param folderName the persistent volume's name, or the volume's own: what its parts lie under
 * @param path where it is on the node; null for images and devices
 * @param image the image that it is, as the runtime is told; empty for others
 * @param device a link to its device; null for others
 * @param readOnly whether nobody may write to it
 * @param relabel whether it is the pod's alone, so that a runtime may label it for the pod
 * @param inUse its name in {@code volumesInUse} of the node; empty if it has none there
 * @param groups that all who use it belong to
 * @param published where its storage plugin has it; null if it is no plugin's
 */
record MountedVolume(
        String folderName,
        @Nullable Path path,
        String image,
        @Nullable Path device,
        boolean readOnly,
        boolean relabel,
        String inUse,
        List<Long> groups,
        CsiUsage.@Nullable Place published) {
    MountedVolume {
        groups = List.copyOf(groups);
    }

    /** A folder that belongs to the pod. */
    static MountedVolume own(String name, Path path, boolean readOnly) {
        return new MountedVolume(name, path, "", null, readOnly, true, "", List.of(), null);
    }

    /** A folder, or whatever is there, that others may use, too. */
    static MountedVolume shared(String name, Path path, boolean readOnly) {
        return new MountedVolume(name, path, "", null, readOnly, false, "", List.of(), null);
    }

    /** An image. */
    static MountedVolume image(String name, String reference) {
        return new MountedVolume(name, null, reference, null, true, false, "", List.of(), null);
    }

    /** A device. */
    static MountedVolume device(String name, Path device, boolean readOnly) {
        return new MountedVolume(name, null, "", device, readOnly, false, "", List.of(), null);
    }

    /** The same, with what is known of its persistent volume. */
    MountedVolume persistent(String nameInUse, List<Long> gids) {
        return new MountedVolume(folderName, path, image, device, readOnly, relabel, nameInUse, gids, published);
    }

    /** The same, as its storage plugin knows it. */
    MountedVolume of(CsiUsage.Place place) {
        return new MountedVolume(folderName, path, image, device, readOnly, relabel, inUse, groups, place);
    }
}
