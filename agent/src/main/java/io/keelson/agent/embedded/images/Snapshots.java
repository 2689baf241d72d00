package io.keelson.agent.embedded.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Root filesystems of containers: the layers of an image, which all share, with a folder of the container's own on top,
 * merged by overlayfs. A snapshot is known by a key that the caller chooses, as the container's id: letters, digits,
 * {@code -}, {@code _} and {@code .}, at most 128. What is made here lives until {@link #remove}; mounts do not survive
 * a restart of the machine, and {@link #prepare} makes them again on what the container wrote. Any method may be called
 * from any thread.
 */
public interface Snapshots {
    /**
     * A snapshot.
     *
     * @param root the merged folder; mounted only if {@code mounted}
     * @param readOnly made by {@link #view}
     */
    record Snapshot(String key, String imageId, Path root, boolean readOnly, boolean mounted) {}

    /**
     * What a container's own folder takes.
     *
     * @param bytes as the disk counts them
     * @param inodes files and folders
     */
    record Usage(long bytes, long inodes) {}

    /**
     * Makes the root filesystem of a container, mounted and writable. Asked again with the same key and image, gives
     * the same.
     *
     * @param users a file that is the user namespace whose users have the files, each the one of the number that the
     *     image says; absent: the node's have
     * @return the merged folder
     * @throws ImageProblem {@code NOT_FOUND}: no such image; {@code CONFLICT}: the key is taken by another image or a
     *     view; {@code DAMAGED}: a layer of the image is; {@code UNSUPPORTED}: the kernel cannot, and what to do
     */
    Path prepare(String imageId, String key, Optional<Path> users) throws IOException;

    /** The same for a container whose users are the node's. */
    default Path prepare(String imageId, String key) throws IOException {
        return prepare(imageId, key, Optional.empty());
    }

    /**
     * The same to read only, without a folder of its own: for volumes that are images.
     *
     * @return the merged folder
     */
    Path view(String imageId, String key, Optional<Path> users) throws IOException;

    /**
     * Unmounts a snapshot and removes it with all that was written to it. Nothing happens if there is none. Who still
     * has files of it open keeps them until closing them.
     */
    void remove(String key) throws IOException;

    /** All there are, also those of a process that died. */
    List<Snapshot> list() throws IOException;

    /**
     * What was written to a snapshot.
     *
     * @throws ImageProblem {@code NOT_FOUND}
     */
    Usage usage(String key) throws IOException;
}
