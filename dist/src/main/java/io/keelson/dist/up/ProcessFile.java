package io.keelson.dist.up;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Says which process runs the cluster of a folder. The number of a process is given again after its end, so the moment of its
 * start is written down, too; and a lock that the process holds keeps a second one from the same data.
 */
final class ProcessFile implements AutoCloseable {
    private final FileChannel lock;
    private final Path file;

    /**
     * A cluster's process.
     *
     * @param handle the process, alive
     * @param url where its API is; empty before it serves
     * @param kubeconfig where the administrator's kubeconfig is
     */
    record Running(ProcessHandle handle, String url, Path kubeconfig) {}

    private ProcessFile(FileChannel lock, Path file) {
        this.lock = lock;
        this.file = file;
    }

    private static Path file(Path folder) {
        return folder.resolve("process");
    }

    /**
     * Takes a folder for this process, until it is closed or the process ends.
     *
     * @throws IOException if another process has it; its text says so
     */
    static ProcessFile take(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            @Nullable FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("another process runs the cluster in " + folder + ": keelson down --data "
                        + folder + " ends it");
            }
        } catch (IOException | OverlappingFileLockException e) {
            channel.close();
            throw new IOException(e.getMessage(), e);
        }
        return new ProcessFile(channel, file(folder));
    }

    /** Says that this process runs it. */
    void write(String url, Path kubeconfig) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Properties entries = new Properties();
        entries.setProperty("pid", Long.toString(self.pid()));
        entries.setProperty("started", started(self));
        entries.setProperty("url", url);
        entries.setProperty("kubeconfig", kubeconfig.toString());
        Path whole = file.resolveSibling("process.new");
        try (Writer writer = Files.newBufferedWriter(whole)) {
            entries.store(writer, null);
        }
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The process that runs the cluster of a folder; empty if none does. */
    static Optional<Running> read(Path folder) throws IOException {
        Properties entries = new Properties();
        try (Reader reader = Files.newBufferedReader(file(folder))) {
            entries.load(reader);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file(folder) + " is damaged: remove it if no cluster runs in " + folder, e);
        }
        long pid;
        try {
            pid = Long.parseLong(entries.getProperty("pid", ""));
        } catch (NumberFormatException e) {
            throw new IOException(file(folder) + " is damaged: remove it if no cluster runs in " + folder, e);
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> started(handle).equals(entries.getProperty("started")))
                .map(handle -> new Running(
                        handle,
                        entries.getProperty("url", ""),
                        Path.of(entries.getProperty("kubeconfig", "kubeconfig"))));
    }

    private static String started(ProcessHandle handle) {
        return handle.info().startInstant().map(Instant::toString).orElse("");
    }

    /** The process ends: it runs the cluster no more. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        lock.close();
    }
}
