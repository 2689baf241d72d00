package io.keelson.agent.embedded;

import io.keelson.agent.mounts.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What is mounted in a folder, for who gives it back: nothing may be deleted there before that is gone. */
public final class MountRemains {
    /** Mounts can lie on each other. */
    private static final int ROUNDS_MAX = 100;

    private MountRemains() {}

    /** Where something is mounted, at a folder or below it, the newest first. */
    public static List<Path> below(Path folder) throws IOException {
        return mounted(real(folder));
    }

    /**
     * Takes all of it out of sight; what is in use goes when nobody uses it any more.
     *
     * @throws IOException if something is still there
     */
    public static void remove(Path folder) throws IOException {
        Path real = real(folder);
        List<Path> mounts = mounted(real);
        for (int i = 0; i < ROUNDS_MAX && !mounts.isEmpty(); i++) {
            for (Path mount : mounts) {
                unmount(mount);
            }
            mounts = mounted(real);
        }
        if (!mounts.isEmpty()) {
            throw new IOException("still mounted: " + mounts.getFirst());
        }
    }

    private static List<Path> mounted(Path real) throws IOException {
        return MountTable.read().under(real).stream()
                .map(mount -> Path.of(mount.point()))
                .toList();
    }

    private static void unmount(Path mount) throws IOException {
        try {
            Libc.unmount(mount.toString(), Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
        } catch (Libc.Failure e) {
            // It went with another one, or lies under one of the same name, which goes first.
            if (e.error() != Libc.EINVAL && e.error() != Libc.ENOENT) {
                throw e;
            }
        }
    }

    /** As the kernel lists it. */
    private static Path real(Path folder) throws IOException {
        return Files.exists(folder)
                ? folder.toRealPath()
                : folder.toAbsolutePath().normalize();
    }
}
