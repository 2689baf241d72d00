package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The folder that a layer is unpacked into. A path is looked up by the kernel as if this folder were the root, so that
 * no link in the layer, whatever it says, leads out of it. Folders on the way to a file that the layer itself does not
 * have are made like those in the layers below. One thread.
 */
final class LayerFolder implements AutoCloseable {
    private final Path discarded;
    private final LowerLayers lowers;
    private final int root;
    private final Map<String, long[]> folderTimes = new LinkedHashMap<>();
    private final Set<String> borrowed = new HashSet<>();
    private int made;
    private int parent = -1;
    private String parentKey = "";

    /**
     * Opens it.
     *
     * @param folder empty
     * @param discarded a folder on the same disk, for what later entries replace
     */
    LayerFolder(Path folder, Path discarded, LowerLayers lowers) throws IOException {
        this.discarded = discarded;
        this.lowers = lowers;
        this.root = Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(folder.toString()), Libc.O_PATH | Libc.O_DIRECTORY, 0);
    }

    /** Whether folders were made that the layer does not tell of, so that they depend on the layers below. */
    boolean borrowed() {
        return !borrowed.isEmpty();
    }

    /** The layer tells of a folder after all. */
    void tell(List<byte[]> path) {
        borrowed.remove(LayerPath.key(path));
    }

    /** Folders made on the way to others. */
    int made() {
        return made;
    }

    /** The descriptor of the folder that a path's last part is in, made if it is missing. Valid until the next call. */
    int parentOf(List<byte[]> path, TarEntry entry) throws IOException {
        List<byte[]> folders = path.subList(0, path.size() - 1);
        String key = LayerPath.key(folders);
        if (parent >= 0 && key.equals(parentKey)) {
            return parent;
        }
        forgetParent();
        parent = open(folders, entry);
        parentKey = key;
        return parent;
    }

    private int open(List<byte[]> folders, TarEntry entry) throws IOException {
        byte[] whole = folders.isEmpty() ? new byte[] {'.'} : LayerPath.join(folders);
        try {
            return Libc.openInside(root, whole, Libc.O_PATH | Libc.O_DIRECTORY);
        } catch (Libc.Failure e) {
            if (e.error() != Libc.ENOENT || folders.isEmpty()) {
                throw unusable(entry, e);
            }
        }
        int above = open(folders.subList(0, folders.size() - 1), entry);
        try {
            makeFolder(above, folders);
            return Libc.openInside(root, whole, Libc.O_PATH | Libc.O_DIRECTORY);
        } catch (Libc.Failure e) {
            throw unusable(entry, e);
        } finally {
            Libc.close(above);
        }
    }

    private static IOException unusable(TarEntry entry, Libc.Failure cause) {
        return switch (cause.error()) {
            case Libc.ENOTDIR, Libc.EEXIST, Libc.ELOOP, Libc.ENOENT -> {
                ImageProblem problem = LayerPath.refused(
                        entry, "what should be the folder it is in is a file, or a link to nothing in the image");
                problem.initCause(cause);
                yield problem;
            }
            default -> cause;
        };
    }

    /** Makes a folder that the layer does not tell of. */
    void makeFolder(int above, List<byte[]> path) throws IOException {
        byte[] name = path.getLast();
        Libc.makeFolder(above, name, 0755);
        borrowed.add(LayerPath.key(path));
        made++;
        Optional<Libc.Status> below = lowers.find(path).filter(status -> status.is(Libc.S_IFDIR));
        if (below.isPresent()) {
            Libc.Status status = below.get();
            Libc.own(above, name, status.user(), status.group());
            Libc.permit(above, name, status.mode() & 07777);
            keepTime(path, status.seconds(), status.nanoseconds());
        } else {
            Libc.permit(above, name, 0755);
            keepTime(path, 0, 0);
        }
    }

    /** Sets a folder's time when all is in it. */
    void keepTime(List<byte[]> path, long seconds, int nanoseconds) {
        folderTimes.put(LayerPath.key(path), new long[] {seconds, nanoseconds});
    }

    /** What is at the place of an entry now, in the layer itself. */
    static Optional<Libc.Status> present(int folder, byte[] name) throws IOException {
        try {
            return Optional.of(Libc.status(folder, name));
        } catch (Libc.Failure e) {
            if (e.error() == Libc.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Takes away what an entry replaces. */
    void discard(int folder, byte[] name, Libc.Status present) throws IOException {
        if (present.is(Libc.S_IFDIR)) {
            // What is open may be inside.
            Libc.rename(
                    folder,
                    name,
                    Libc.CURRENT_FOLDER,
                    Libc.bytes(discarded.resolve(UUID.randomUUID().toString()).toString()));
        } else {
            Libc.unlinkAt(folder, name, 0);
        }
        // It may have been a link on the way to the folder that is open.
        parentKey = "\n";
    }

    /** Gives another name to a file of the layer. */
    void link(List<byte[]> target, int folder, byte[] name, TarEntry entry) throws IOException {
        if (target.isEmpty()) {
            throw LayerPath.refused(entry, "it is a hard link to the image's root");
        }
        List<byte[]> folders = target.subList(0, target.size() - 1);
        try {
            int from = Libc.openInside(
                    root,
                    folders.isEmpty() ? new byte[] {'.'} : LayerPath.join(folders),
                    Libc.O_PATH | Libc.O_DIRECTORY);
            try {
                Libc.link(from, target.getLast(), folder, name);
            } finally {
                Libc.close(from);
            }
        } catch (Libc.Failure e) {
            if (e.error() == Libc.ENOENT || e.error() == Libc.ENOTDIR || e.error() == Libc.EPERM) {
                throw LayerPath.refused(
                        entry,
                        "it is a hard link to \"" + new String(entry.linkName(), StandardCharsets.UTF_8)
                                + "\", which is no file of the same layer");
            }
            throw e;
        }
    }

    /** The last step: folders get their times. */
    void setTimes() throws IOException {
        forgetParent();
        for (Map.Entry<String, long[]> each : folderTimes.entrySet()) {
            byte[] path = each.getKey().getBytes(StandardCharsets.ISO_8859_1);
            try {
                int folder = Libc.openInside(
                        root, path.length == 0 ? new byte[] {'.'} : path, Libc.O_RDONLY | Libc.O_DIRECTORY);
                try {
                    Libc.touch(folder, new byte[] {'.'}, each.getValue()[0], (int) each.getValue()[1]);
                } finally {
                    Libc.close(folder);
                }
            } catch (Libc.Failure e) {
                // A later entry has replaced it.
                if (e.error() != Libc.ENOENT && e.error() != Libc.ENOTDIR && e.error() != Libc.ELOOP) {
                    throw e;
                }
            }
        }
    }

    /** The layer's own folder. */
    int root() {
        return root;
    }

    /** Waits until all of it is on the disk. */
    void sync(Path folder) throws IOException {
        int open = Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(folder.toString()), Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
        try {
            Libc.syncFilesystem(open);
        } finally {
            Libc.close(open);
        }
    }

    private void forgetParent() throws IOException {
        if (parent >= 0) {
            int open = parent;
            parent = -1;
            Libc.close(open);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            forgetParent();
        } finally {
            Libc.close(root);
        }
    }
}
