package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the manifests that lie in a folder: files that end in {@code .yaml}, {@code .yml} or {@code .json}, in the order of
 * their names, whenever one has changed. Objects whose file goes stay. What the API refuses is logged, and tried again every
 * half minute: what it needs may have come, a definition for example.
 */
final class Manifests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);
    private static final String FIELD_MANAGER = "keelson-manifests";
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration END_MAX = Duration.ofSeconds(10);
    private static final Duration AGAIN = Duration.ofSeconds(30);
    private static final long FILE_BYTES_MAX = 16L << 20;

    private final KubernetesClient client;
    private final Path folder;
    private final Thread thread;
    private final Map<Path, Applied> applied = new HashMap<>();

    /** What a file was when it was applied, and when that failed, if it did. */
    private record Applied(FileTime changed, long size, boolean done, long triedNanos) {}

    private Manifests(KubernetesClient client, Path folder) {
        this.client = client;
        this.folder = folder;
        thread = Thread.ofVirtual().name("manifests").unstarted(this::run);
    }

    static Manifests start(KubernetesClient client, Path folder) {
        Manifests manifests = new Manifests(client, folder);
        manifests.thread.start();
        return manifests;
    }

    private void run() {
        try {
            while (true) {
                try {
                    look();
                } catch (IOException e) {
                    LOG.warn("{} cannot be read: {}", folder, e.getMessage());
                }
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            LOG.debug("manifests are applied no more");
        }
    }

    private void look() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(Manifests::isManifest).sorted().toList();
        }
        applied.keySet().retainAll(files);
        for (Path file : files) {
            FileTime changed = Files.getLastModifiedTime(file);
            long size = Files.size(file);
            Applied before = applied.get(file);
            if (before != null
                    && before.changed().equals(changed)
                    && before.size() == size
                    && (before.done() || System.nanoTime() - before.triedNanos() < AGAIN.toNanos())) {
                continue;
            }
            applied.put(file, new Applied(changed, size, apply(file, size), System.nanoTime()));
        }
    }

    private static boolean isManifest(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && name.matches(".*\\.(yaml|yml|json)") && Files.isRegularFile(file);
    }

    private boolean apply(Path file, long size) {
        if (size > FILE_BYTES_MAX) {
            LOG.warn("{} is larger than {} bytes and is not applied", file, FILE_BYTES_MAX);
            return false;
        }
        int done = 0;
        try (InputStream content = Files.newInputStream(file)) {
            List<HasMetadata> objects = client.load(content).items();
            for (HasMetadata object : objects) {
                client.resource(object).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
                done++;
            }
            LOG.info("{}: {} objects are applied", file, done);
            return true;
        } catch (IOException | KubernetesClientException | IllegalArgumentException e) {
            LOG.warn("{}: after {} objects: {}", file, done, e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(END_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
