package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.Snapshots.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on folders that containers have filled: names are any bytes, and folders nest deeper than a path may be long.
 * All is done from one folder to the next by their descriptors.
 */
final class Trees {
    private static final Logger LOG = LoggerFactory.getLogger(Trees.class);

    /** As deep as is counted; each level takes a descriptor. */
    private static final int DEPTH_MAX = 400;

    private Trees() {}

    /**
     * Deletes all that is in a folder. A folder in it that is not empty has its own folders moved up beside it, so that
     * there is never more than one level to go down, and after a crash the rest is found. What cannot be deleted stays,
     * and is logged.
     */
    static void empty(Path trash) throws IOException {
        boolean progress = true;
        while (progress) {
            progress = pass(trash);
        }
    }

    /** Whether something was deleted or moved, so that another pass may find more. */
    private static boolean pass(Path trash) throws IOException {
        int top = Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(trash.toString()), Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
        boolean progress = false;
        try {
            for (List<byte[]> names = Libc.names(top); !names.isEmpty(); names = Libc.names(top)) {
                for (byte[] name : names) {
                    try {
                        if (!deleted(top, name)) {
                            flatten(top, name);
                        }
                        progress = true;
                    } catch (Libc.Failure e) {
                        if (e.error() != Libc.ENOENT) {
                            LOG.warn("Cannot delete what is no longer used in {}: {}", trash, e.getMessage());
                        }
                    }
                }
            }
        } finally {
            Libc.close(top);
        }
        return progress;
    }

    /** Deletes a file or an empty folder; false for a folder that is not empty. */
    private static boolean deleted(int folder, byte[] name) throws Libc.Failure {
        try {
            Libc.unlinkAt(folder, name, 0);
            return true;
        } catch (Libc.Failure e) {
            if (e.error() != Libc.EISDIR && e.error() != Libc.EPERM) {
                throw e;
            }
        }
        try {
            Libc.unlinkAt(folder, name, Libc.AT_REMOVEDIR);
            return true;
        } catch (Libc.Failure e) {
            if (e.error() != Libc.ENOTEMPTY && e.error() != Libc.EEXIST) {
                throw e;
            }
        }
        return false;
    }

    private static void flatten(int top, byte[] name) throws Libc.Failure {
        int folder = Libc.openAt(top, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0);
        try {
            for (List<byte[]> names = Libc.names(folder); !names.isEmpty(); names = Libc.names(folder)) {
                for (byte[] each : names) {
                    if (!deleted(folder, each)) {
                        Libc.rename(
                                folder, each, top, Libc.bytes(UUID.randomUUID().toString()));
                    }
                }
            }
        } finally {
            Libc.close(folder);
        }
        deleted(top, name);
    }

    /**
     * What the content of a folder takes. A file with several names counts once; folders deeper than 400 are not looked
     * into.
     */
    static Usage usage(Path root) throws IOException {
        Count count = new Count();
        int top = Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(root.toString()), Libc.O_RDONLY | Libc.O_DIRECTORY, 0);
        count.add(Libc.status(top, new byte[0]));
        Deque<Level> levels = new ArrayDeque<>();
        levels.push(new Level(top));
        try {
            while (!levels.isEmpty()) {
                byte[] name = levels.peek().next();
                if (name == null) {
                    Libc.close(levels.pop().folder);
                } else {
                    count(levels, name, count);
                }
            }
        } finally {
            for (Level level : levels) {
                Libc.close(level.folder);
            }
        }
        return new Usage(count.blocks * 512, count.inodes);
    }

    private static void count(Deque<Level> levels, byte[] name, Count count) throws Libc.Failure {
        int folder = levels.peek().folder;
        try {
            Libc.Status status = Libc.status(folder, name);
            if (count.add(status) && status.is(Libc.S_IFDIR) && levels.size() < DEPTH_MAX) {
                levels.push(
                        new Level(Libc.openAt(folder, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0)));
            }
        } catch (Libc.Failure e) {
            // A container works on it at the same time.
            if (e.error() != Libc.ENOENT && e.error() != Libc.ENOTDIR && e.error() != Libc.ELOOP) {
                throw e;
            }
        }
    }

    private static final class Count {
        private final Set<Long> linked = new HashSet<>();
        private long blocks;
        private long inodes;

        /** False for a file that was counted by another of its names. */
        boolean add(Libc.Status status) {
            if (!status.is(Libc.S_IFDIR) && status.links() > 1 && !linked.add(status.inode())) {
                return false;
            }
            blocks += status.blocks();
            inodes++;
            return true;
        }
    }

    private static final class Level {
        private final int folder;
        private final Deque<byte[]> names = new ArrayDeque<>();

        Level(int folder) {
            this.folder = folder;
        }

        byte @Nullable [] next() throws Libc.Failure {
            if (names.isEmpty()) {
                names.addAll(Libc.names(folder));
            }
            return names.poll();
        }
    }
}
