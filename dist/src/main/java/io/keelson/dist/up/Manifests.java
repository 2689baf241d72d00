package io.keelson.dist.up;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

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
    private static final int FILE_BYTES_MAX = 16 << 20;
    private static final int CAUSES_MAX = 10;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setCodePointLimit(FILE_BYTES_MAX).build();

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
        try {
            for (HasMetadata object : objects(file)) {
                if (object instanceof GenericKubernetesResource
                        && !client.supports(object.getApiVersion(), object.getKind())) {
                    throw new IOException("the API serves no " + object.getKind() + " of " + object.getApiVersion());
                }
                client.resource(object)
                        .fieldManager(FIELD_MANAGER)
                        .forceConflicts()
                        .serverSideApply();
                done++;
            }
            LOG.info("{}: {} objects are applied", file, done);
            return true;
        } catch (IOException | KubernetesClientException | IllegalArgumentException | YamlEngineException e) {
            LOG.warn("{}: after {} objects: {}", file, done, reason(e));
            return false;
        }
    }

    /** JSON is YAML, too, and YAML may look like JSON: one reader for both. */
    private List<HasMetadata> objects(Path file) throws IOException {
        List<HasMetadata> objects = new ArrayList<>();
        try (InputStream content = Files.newInputStream(file)) {
            for (Object document : new Load(SETTINGS).loadAllFromInputStream(content)) {
                if (document != null) {
                    byte[] json = JSON.writeValueAsBytes(document);
                    objects.addAll(client.load(new ByteArrayInputStream(json)).items());
                }
            }
        }
        return objects;
    }

    /** The library's own words are often "An error has occurred." */
    private static String reason(Exception problem) {
        Throwable deepest = problem;
        for (int i = 0; deepest.getCause() != null && i < CAUSES_MAX; i++) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage());
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
