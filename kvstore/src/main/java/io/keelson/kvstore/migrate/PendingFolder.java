package io.keelson.kvstore.migrate;

import io.keelson.kvstore.storage.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * A folder that comes to be all at once: it is filled under the name {@code NAME.part} beside its place, and renamed when
 * complete. A crash before leaves {@code NAME.part}, which the next attempt removes. Two attempts at a time exclude each
 * other by a lock on {@code NAME.part.lock}.
 */
final class PendingFolder implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final Path lockFile;
    private final FileChannel lockChannel;
    private boolean complete;

    private PendingFolder(Path target, Path part, Path lockFile, FileChannel lockChannel) {
        this.target = target;
        this.part = part;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
    }

    /**
     * Begins a folder.
     *
     * @throws IOException if the target exists and is not empty, or another attempt is under way
     */
    static PendingFolder begin(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Path name = target.getFileName();
        Path parent = target.getParent();
        if (name == null || parent == null || !emptyOrMissing(target)) {
            throw new IOException("data-dir \"" + folder + "\" not empty or could not be read");
        }
        Files.createDirectories(parent);
        Path part = parent.resolve(name + ".part");
        Path lockFile = parent.resolve(name + ".part.lock");
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!lock(channel)) {
                throw new IOException("another restore into " + target + " is under way (it holds " + lockFile + ")");
            }
            deleteIfThere(part);
            Files.createDirectory(part);
            return new PendingFolder(target, part, lockFile, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Held by another attempt in this process.
            return false;
        }
    }

    private static boolean emptyOrMissing(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    /** Where to write. */
    Path path() {
        return part;
    }

    /** Puts the folder in its place; its files have to be on disk already. */
    void complete() throws IOException {
        Folders.sync(part);
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot rename " + part + " to " + target + " (" + e.getReason()
                            + "); if that is a mount point, restore into a folder below it",
                    e);
        }
        Folders.sync(target.getParent());
        complete = true;
    }

    private static void deleteIfThere(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Folders.delete(folder);
        }
    }

    /** Removes what was written, unless it is complete. */
    @Override
    public void close() throws IOException {
        try (lockChannel) {
            if (!complete) {
                deleteIfThere(part);
            }
            Files.deleteIfExists(lockFile);
        }
    }
}
