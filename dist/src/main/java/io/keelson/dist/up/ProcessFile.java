package io.keelson.dist.up;

import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

/**
 * Says which process runs the cluster of a folder. The number of a process is given again after its end, so the moment of its
 * start is written down, too; and a lock that the process holds keeps a second one from the same data.
 */
public final class ProcessFile implements AutoCloseable {
    /** Who asks whether a folder is taken has its lock for a moment. */
    private static final Duration ASKED_MAX = Duration.ofMillis(500);

    private final FileChannel lock;
    private final Path file;

    /**
     * A cluster's process.
     *
     * @param handle the process, alive
     * @param url where its API is; empty before it serves
     * @param kubeconfig where the administrator's kubeconfig is
     */
    public record Running(ProcessHandle handle, String url, Path kubeconfig) {}

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
    static ProcessFile take(Path folder) throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(lockFile(folder), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            long end = System.nanoTime() + ASKED_MAX.toNanos();
            while (!lock(channel)) {
                if (System.nanoTime() - end > 0) {
                    throw new IOException("another process runs the cluster in " + folder + ", which this ends: "
                            + Typed.forCluster("down", folder));
                }
                Thread.sleep(5);
            }
            return new ProcessFile(channel, file(folder));
        } catch (IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Whether another process has the folder. The kernel says so, and says no as soon as the process has died, also while its
     * parent has not taken note of that and it is still listed.
     */
    static boolean isTaken(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(lockFile(folder), StandardOpenOption.WRITE)) {
            // Closing gives it back.
            return !lock(channel);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Path lockFile(Path folder) {
        return folder.resolve("lock");
    }

    /** Says that this process runs it. */
    void write(String url, Path kubeconfig) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Properties entries = new Properties();
        entries.setProperty("pid", Long.toString(self.pid()));
        entries.setProperty("started", started(self));
        entries.setProperty("url", url);
        entries.setProperty("kubeconfig", kubeconfig.toString());
        WholeFile.write(file, entries);
    }

    /** The process that runs the cluster of a folder; empty if none does. */
    public static Optional<Running> read(Path folder) throws IOException {
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
        Optional<ProcessHandle> process = ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> started(handle).equals(entries.getProperty("started")));
        // Whoever has the lock would lose it by asking for it.
        if (process.isEmpty() || (!process.get().equals(ProcessHandle.current()) && !isTaken(folder))) {
            return Optional.empty();
        }
        return process.map(handle -> new Running(
                handle, entries.getProperty("url", ""), Path.of(entries.getProperty("kubeconfig", "kubeconfig"))));
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
