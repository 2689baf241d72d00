package io.keelson.raft.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory of a log, held by one process at a time. Segments are named by their sequence number; files of other
 * names are left alone.
 */
final class LogDirectory implements AutoCloseable {
    private static final Pattern SEGMENT_NAME = Pattern.compile("([0-9a-f]{16})\\.log");
    private static final String LOCK_NAME = "lock";

    private final Path path;
    private final FileChannel lockFile;

    private LogDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes the directory if it is missing. Fails if another process, or another log of this one, holds it. */
    static LogDirectory hold(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                sync(parent);
            }
        }
        FileChannel lockFile =
                FileChannel.open(path.resolve(LOCK_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            throw new IOException("the log in " + path + " is already open in this process", sameProcess);
        } finally {
            if (lock == null) {
                lockFile.close();
            }
        }
        if (lock == null) {
            throw new IOException("the log in " + path + " is in use by another process");
        }
        return new LogDirectory(path, lockFile);
    }

    Path path() {
        return path;
    }

    Path segment(long sequence) {
        return path.resolve("%016x.log".formatted(sequence));
    }

    NavigableMap<Long, Path> segments() throws IOException {
        NavigableMap<Long, Path> found = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Matcher name = SEGMENT_NAME.matcher(file.getFileName().toString());
                if (name.matches()) {
                    found.put(Long.parseUnsignedLong(name.group(1), 16), file);
                }
            }
        }
        return found;
    }

    /** Returns when files created and removed are so on the disk. */
    void sync() throws IOException {
        sync(path);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
