package io.keelson.agent.embedded.images.registry;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageIndex;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.BlobWriter;
import io.keelson.agent.embedded.images.store.ImageAddition;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Pulls images into a store. One for a process: its pulls share the number of downloads, and wait for each other where
 * they want the same part. Any thread.
 */
public final class Pull implements AutoCloseable {
    private static final int CONFIG_MAX = 8 << 20;

    private final ImageStore store;
    private final RegistryLimits limits;
    private final Set<String> plainHosts;
    private final HttpClient http;
    private final Semaphore downloads;
    private final Map<Digest, ReentrantLock> parts = new ConcurrentHashMap<>();

    /**
     * Pulls into a store.
     *
     * @param plainHosts hosts, with ports where they have one, that are asked without TLS; those of this machine are
     *     always
     */
    public Pull(ImageStore store, RegistryLimits limits, Set<String> plainHosts) {
        this.store = store;
        this.limits = limits;
        this.plainHosts = Set.copyOf(plainHosts);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.connect())
                .build();
        this.downloads = new Semaphore(limits.downloads());
    }

    /**
     * Pulls an image. What is here already is not fetched; if a part cannot be had, those that came are kept until
     * garbage is collected, so that the next try has less to do.
     *
     * @throws ImageProblem {@code NOT_FOUND}, {@code DENIED}, {@code UNREACHABLE}, {@code DAMAGED}, {@code TOO_LARGE}
     */
    public StoredImage pull(Reference image, Platform platform, Credentials credentials, PullProgress progress)
            throws IOException {
        Registry registry = new Registry(http, limits, image, credentials, isPlain(image.host()));
        try (ImageAddition addition = store.add()) {
            Registry.Document target = registry.manifest(image.version());
            addition.put(target.descriptor().mediaType(), target.content());
            Registry.Document document = target;
            for (int depth = 0; isIndex(document); depth++) {
                if (depth == 3) {
                    throw new ImageProblem(ImageProblem.Kind.DAMAGED, image + " is an index of indexes without end");
                }
                Descriptor chosen =
                        ImageIndex.parse(document.content(), image.toString()).select(platform, image.toString());
                document = registry.manifest(chosen.digest().toString());
                addition.put(document.descriptor().mediaType(), document.content());
            }
            ImageManifest manifest = ImageManifest.parse(document.content(), image.toString());
            if (manifest.config().size() > CONFIG_MAX) {
                throw new ImageProblem(
                        ImageProblem.Kind.TOO_LARGE, "the configuration of " + image + " is too large to be one");
            }
            fetch(registry, manifest, addition, progress);
            progress.unpacking();
            Digest digest = target.descriptor().digest();
            List<Reference> names = new ArrayList<>();
            if (image.digest().isEmpty()) {
                names.add(image);
            }
            names.add(image.at(digest));
            return addition.finish(digest, document.descriptor().digest(), names);
        }
    }

    private static boolean isIndex(Registry.Document document) throws ImageProblem {
        String type = document.descriptor().mediaType();
        if (MediaType.isIndex(type) || MediaType.isManifest(type)) {
            return MediaType.isIndex(type);
        }
        return Json.object(document.content(), "the manifest").has("manifests");
    }

    private void fetch(Registry registry, ImageManifest manifest, ImageAddition addition, PullProgress progress)
            throws IOException {
        Set<Descriptor> wanted = new LinkedHashSet<>();
        wanted.add(manifest.config());
        wanted.addAll(manifest.layers());
        List<Descriptor> missing = new ArrayList<>();
        long bytes = 0;
        for (Descriptor part : wanted) {
            if (!addition.has(part)) {
                missing.add(part);
                bytes += part.size();
            }
        }
        progress.start(missing.size(), bytes);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Descriptor part : missing) {
                running.add(threads.submit(() -> {
                    part(registry, part, addition, progress);
                    return null;
                }));
            }
            try {
                for (Future<?> each : running) {
                    each.get();
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                if (e.getCause() instanceof IOException failure) {
                    throw failure;
                }
                throw new IllegalStateException("a download failed as none should", e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while pulling an image");
            }
        }
    }

    /** Who comes second waits, and finds it there. */
    private void part(Registry registry, Descriptor part, ImageAddition addition, PullProgress progress)
            throws IOException, InterruptedException {
        ReentrantLock one = parts.computeIfAbsent(part.digest(), _ -> new ReentrantLock());
        one.lockInterruptibly();
        try {
            if (addition.has(part)) {
                progress.bytes(part.size());
                return;
            }
            downloads.acquire();
            try (BlobWriter out = addition.write(part.digest())) {
                registry.blob(part, out, progress::bytes);
            } finally {
                downloads.release();
            }
        } finally {
            one.unlock();
            if (!one.hasQueuedThreads()) {
                parts.remove(part.digest(), one);
            }
        }
    }

    private boolean isPlain(String host) {
        if (plainHosts.contains(host)) {
            return true;
        }
        String name = host.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
        boolean own = name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
        return own && !host.endsWith(":443");
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
