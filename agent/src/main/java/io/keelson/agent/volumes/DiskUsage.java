package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * How much of a disk a folder takes, as {@code du} counts: blocks, each file once however many names it has. Others
 * may change it meanwhile.
 *
 * @param bytes that its files take
 * @param inodes how many files and folders it has, itself included
 */
public record DiskUsage(long bytes, long inodes) {
    private static final int BLOCK_BYTES = 512;
    private static final int DEPTH_MAX = 512;
    private static final int SEVERAL_NAMES_MAX = 1 << 20;

    /** Of a folder; other filesystems in it do not count. */
    public static DiskUsage of(Path folder) throws IOException {
        try (Descriptor root = Descriptor.folder(folder)) {
            return new Count(root.identity().device()).all(root);
        }
    }

    private static final class Count {
        private final long device;
        private final Set<Long> severalNames = new HashSet<>();
        private long blocks;
        private long inodes;

        Count(long device) {
            this.device = device;
        }

        DiskUsage all(Descriptor root) throws IOException {
            add(root.status());
            below(root, 0);
            return new DiskUsage(blocks * BLOCK_BYTES, inodes);
        }

        private void add(Libc.Status status) {
            boolean isOnce = status.is(Libc.S_IFDIR)
                    || status.links() < 2
                    || severalNames.size() >= SEVERAL_NAMES_MAX
                    || severalNames.add(status.inode());
            if (isOnce) {
                blocks += status.blocks();
                inodes++;
            }
        }

        private void below(Descriptor folder, int depth) throws IOException {
            try (VolumeCalls.Entries entries = new VolumeCalls.Entries(folder.number())) {
                for (byte[] name = entries.next(); name != null; name = entries.next()) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new InterruptedIOException("interrupted while counting");
                    }
                    try {
                        entry(folder, name, depth);
                    } catch (Libc.Failure e) {
                        // What is removed meanwhile takes nothing.
                        if (e.error() != Libc.ENOENT && e.error() != Libc.ENOTDIR && e.error() != Libc.ELOOP) {
                            throw e;
                        }
                    }
                }
            }
        }

        private void entry(Descriptor folder, byte[] name, int depth) throws IOException {
            Libc.Status status = Libc.status(folder.number(), name);
            if (!status.is(Libc.S_IFDIR)) {
                add(status);
                return;
            }
            try (Descriptor child = folder.folder(name)) {
                if (child.identity().device() != device) {
                    return;
                }
                add(status);
                if (depth < DEPTH_MAX) {
                    below(child, depth + 1);
                }
            }
        }
    }
}
