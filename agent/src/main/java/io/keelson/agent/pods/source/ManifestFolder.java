package io.keelson.agent.pods.source;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Static pods: one for each manifest in a folder, or in one file. Files whose names begin with a dot are left out. A
 * change is noticed at once where the file system tells of it, and after the given time at the latest. A manifest that
 * cannot be read says so in the log, and the pod that it was before goes on.
 */
public final class ManifestFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestFolder.class);
    private static final int FILES_MAX = 1000;

    private final Path path;
    private final Duration every;
    private final Time time;
    private final PodListener listener;
    private final ManifestReader reader;
    private final Map<Path, Pod> known = new HashMap<>();
    private final CompletableFuture<Void> read = new CompletableFuture<>();
    private @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * Reads from the start on.
     *
     * @param path a folder or a file; it may not be there yet
     * @param every after how long it is read again though nobody said that it has changed
     */
    public ManifestFolder(Path path, String node, Duration every, Time time, PodListener listener) {
        this.path = path;
        this.every = every;
        this.time = time;
        this.listener = listener;
        reader = new ManifestReader(node);
    }

    /** Begins; is done when all manifests that there are have been told of. */
    public CompletableFuture<Void> start() {
        thread = Thread.ofVirtual().name("manifests").start(this::run);
        return read;
    }

    private void run() {
        try (WatchService watch = watch()) {
            Optional<WatchKey> key = Optional.empty();
            while (!closed) {
                // Watched before it is read: nothing changes in between unseen.
                Path folder = folder();
                if (watch != null
                        && key.filter(known -> known.isValid() && folder.equals(known.watchable()))
                                .isEmpty()) {
                    key.ifPresent(WatchKey::cancel);
                    key = register(folder, watch);
                }
                look();
                read.complete(null);
                if (watch == null) {
                    Thread.sleep(every);
                    continue;
                }
                WatchKey told = watch.poll(every.toMillis(), TimeUnit.MILLISECONDS);
                if (told != null) {
                    told.pollEvents();
                    told.reset();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.error("manifests in {} are not followed: {}", path, e.toString());
        }
    }

    /** Who tells of changes; null if nobody can, as where the kernel has no watch left. */
    private @Nullable WatchService watch() {
        try {
            return path.getFileSystem().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("changes of {} are only seen when it is read again, every {}: {}", path, every, e.toString());
            return null;
        }
    }

    /** Where changes are to be seen: in the folder or, of a file or what is not there yet, in the one that it is in. */
    private Path folder() {
        Path around = path.toAbsolutePath().getParent();
        return Files.isDirectory(path) || around == null ? path : around;
    }

    private static Optional<WatchKey> register(Path folder, WatchService watch) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try {
            return Optional.of(folder.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE));
        } catch (IOException e) {
            LOG.debug("changes of {} are only seen when it is read again", folder, e);
            return Optional.empty();
        }
    }

    /** Reads all files, and tells what is another way than before. */
    private void look() {
        List<Path> files;
        try {
            files = files();
        } catch (IOException e) {
            LOG.warn("manifests in {} cannot be read: {}", path, e.toString());
            return;
        }
        Map<Path, Pod> now = new HashMap<>();
        for (Path file : files) {
            Optional<Pod> pod = read(file);
            Pod before = known.get(file);
            if (pod.isPresent()) {
                now.put(file, pod.get());
            } else if (before != null && Files.exists(file)) {
                now.put(file, before);
            }
        }
        known.forEach((file, pod) -> {
            if (now.values().stream().noneMatch(other -> uid(other).equals(uid(pod)))) {
                listener.remove(pod);
            }
        });
        now.forEach((file, pod) -> {
            Pod before = known.get(file);
            if (before == null || !uid(before).equals(uid(pod))) {
                listener.set(pod);
            } else {
                // When it was seen first stays.
                now.put(file, before);
            }
        });
        known.clear();
        known.putAll(now);
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(path)) {
            return Files.isRegularFile(path) ? List.of(path) : List.of();
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
            for (Path file : all) {
                if (!file.getFileName().toString().startsWith(".") && Files.isRegularFile(file)) {
                    files.add(file);
                }
            }
        }
        files.sort(Comparator.naturalOrder());
        if (files.size() > FILES_MAX) {
            LOG.warn("only the first {} of {} manifests in {} are read", FILES_MAX, files.size(), path);
            return List.copyOf(files.subList(0, FILES_MAX));
        }
        return List.copyOf(files);
    }

    private Optional<Pod> read(Path file) {
        try {
            if (Files.size(file) > ManifestReader.MAX) {
                throw new IOException("it has more than " + ManifestReader.MAX + " bytes");
            }
            return Optional.of(reader.read(Files.readAllBytes(file), file.toString(), time.instant()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} is no manifest of a pod: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
