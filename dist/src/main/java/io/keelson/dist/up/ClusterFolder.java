package io.keelson.dist.up;

import io.keelson.agent.embedded.MountRemains;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The folder that a cluster is kept in. */
final class ClusterFolder {
    /** Is in each such folder, so that nothing else is ever wiped. */
    private static final String MARK = "keelson-cluster";

    private ClusterFolder() {}

    /**
     * A folder for a cluster, made if it is not there; only its owner may read it.
     *
     * @throws IOException if there is something else in it
     */
    static Path open(Path given) throws IOException {
        Path folder = given.toAbsolutePath().normalize();
        if (!Files.exists(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        if (!isCluster(folder)) {
            try (var files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new IOException(folder + " is not empty, and no cluster's: name another folder with --data");
                }
            }
            Files.createFile(folder.resolve(MARK));
        }
        return folder;
    }

    static boolean isCluster(Path folder) {
        return Files.exists(folder.resolve(MARK));
    }

    /** Whether the data of a cluster is in it: it is not that of a machine that has joined another one. */
    static boolean hasStore(Path folder) {
        return Files.exists(folder.resolve(ControlPlane.Settings.STORE)) || HighAvailability.isIn(folder);
    }

    /**
     * Removes a cluster's folder with all that is in it, links as links.
     *
     * @throws IOException if something is mounted there, which nothing may be deleted in
     */
    static void wipe(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (!isCluster(folder)) {
            throw new IOException(folder + " is no cluster's: nothing is removed");
        }
        // The mark goes last: what is left after a crash can be wiped again.
        remove(folder, folder.resolve(MARK));
        Files.delete(folder.resolve(MARK));
        Files.delete(folder);
    }

    /**
     * Removes a folder of ours with all that is in it, links as links.
     *
     * @throws IOException if something is mounted there, which nothing may be deleted in
     */
    static void removeAll(Path folder) throws IOException {
        if (Files.exists(folder)) {
            remove(folder, folder);
            Files.delete(folder);
        }
    }

    /** @param last a file that stays */
    private static void remove(Path folder, Path last) throws IOException {
        List<Path> mounts = MountRemains.below(folder);
        if (!mounts.isEmpty()) {
            throw new IOException("something is mounted at " + mounts.getFirst() + ": umount it first");
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(last)) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException problem)
                    throws IOException {
                if (problem != null) {
                    throw problem;
                }
                if (!directory.equals(folder)) {
                    Files.delete(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
