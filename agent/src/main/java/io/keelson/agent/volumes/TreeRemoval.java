package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Takes folders away with all that is in them. Links are removed, never followed, whoever may change things meanwhile;
 * other filesystems are not entered. However deep a tree is, few descriptors are held: what is deeper is first moved
 * up.
 */
public final class TreeRemoval {
    private static final int DEPTH_MAX = 64;

    private final Descriptor top;
    private final long device;

    private TreeRemoval(Descriptor top) throws IOException {
        this.top = top;
        this.device = top.identity().device();
    }

    /**
     * Removes a file or folder. What is not there is no error.
     *
     * @throws IOException if something is in the way: another filesystem, a disk that fails
     */
    public static void remove(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IOException("nobody removes " + path);
        }
        try (Descriptor folder = Descriptor.folder(parent)) {
            remove(folder, Libc.bytes(path.getFileName().toString()));
        } catch (Libc.Failure e) {
            if (e.error() != Libc.ENOENT) {
                throw e;
            }
        }
    }

    /** Removes an entry of a folder. What is not there is no error. */
    static void remove(Descriptor folder, byte[] name) throws IOException {
        try {
            Libc.unlinkAt(folder.number(), name, 0);
            return;
        } catch (Libc.Failure e) {
            if (e.error() == Libc.ENOENT) {
                return;
            }
            if (e.error() != Libc.EISDIR && e.error() != Libc.EPERM) {
                throw e;
            }
        }
        try (Descriptor tree = folder.folder(name)) {
            new TreeRemoval(tree).empty(tree, 0);
        }
        Libc.unlinkAt(folder.number(), name, Libc.AT_REMOVEDIR);
    }

    /** Passes over a folder until it is empty: what is read while it changes may be incomplete. */
    private void empty(Descriptor folder, int depth) throws IOException {
        if (folder.identity().device() != device) {
            throw new IOException("another filesystem is mounted inside of what is to be removed");
        }
        boolean found = true;
        while (found) {
            found = false;
            try (VolumeCalls.Entries entries = new VolumeCalls.Entries(folder.number())) {
                for (byte[] name = entries.next(); name != null; name = entries.next()) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new InterruptedIOException("interrupted while removing a volume");
                    }
                    found = true;
                    removeEntry(folder, name, depth);
                }
            }
        }
    }

    private void removeEntry(Descriptor folder, byte[] name, int depth) throws IOException {
        if (!Libc.status(folder.number(), name).is(Libc.S_IFDIR)) {
            Libc.unlinkAt(folder.number(), name, 0);
        } else if (depth >= DEPTH_MAX) {
            // Found again by the next pass over the top. Nobody can know the name, and be in the way with it.
            VolumeCalls.rename(
                    folder.number(),
                    name,
                    top.number(),
                    Libc.bytes(UUID.randomUUID().toString()));
        } else {
            try (Descriptor child = folder.folder(name)) {
                empty(child, depth + 1);
            }
            Libc.unlinkAt(folder.number(), name, Libc.AT_REMOVEDIR);
        }
    }
}
