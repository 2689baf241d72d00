package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The store as the users of a pod see it, for the moment in which layers are merged for them: who has a file on the disk
 * is the pod's user of the same number. So layers are shared with all other pods, and nobody's owner is changed. It is
 * mounted aside of the snapshots, in a folder that is never emptied: what is in it is the whole store.
 */
final class MappedStore implements AutoCloseable {
    private final Path root;
    private final Path place;

    private MappedStore(Path root, Path place) {
        this.root = root;
        this.place = place;
    }

    /**
     * Mounts it.
     *
     * @param key of the snapshot that is made
     * @param users a file that is the pod's user namespace
     * @throws ImageProblem {@code UNSUPPORTED} if the disk cannot
     */
    static MappedStore open(StoreFolders folders, String key, Path users) throws IOException {
        Path place = folders.mapped().resolve(key);
        remove(place);
        Files.createDirectories(place);
        try {
            Libc.mountMapped(folders.root().toString(), place.toString(), users.toString());
        } catch (Libc.Failure e) {
            Files.delete(place);
            throw new ImageProblem(
                    ImageProblem.Kind.UNSUPPORTED,
                    "the users of a pod with hostUsers: false cannot be mapped on the disk of the images ("
                            + e.getMessage()
                            + "): put them on ext4, xfs or btrfs, with Linux 5.19 or later; or set hostUsers: true",
                    e);
        }
        return new MappedStore(folders.root(), place);
    }

    /** Does something as the pod's root as far as files go, whose what overlayfs makes in the store has to be. */
    void asRoot(Libc.FileAction action) throws IOException {
        // The store's folder is root's on the disk.
        Libc.Status folder = Libc.status(Libc.CURRENT_FOLDER, Libc.bytes(place.toString()));
        Libc.asOwner(folder.user(), folder.group(), action);
    }

    /** Where a folder of the store is in it. */
    Path path(Path folder) {
        return place.resolve(root.relativize(folder));
    }

    /** Who merged layers keeps them. */
    @Override
    public void close() throws IOException {
        remove(place);
    }

    /** Takes one away, also what a process that died left. */
    static void remove(Path place) throws IOException {
        if (!Files.exists(place)) {
            return;
        }
        while (MountTable.isMounted(place)) {
            Libc.unmount(place.toString(), Libc.UMOUNT_NOFOLLOW | Libc.MNT_DETACH);
        }
        Files.delete(place);
    }
}
