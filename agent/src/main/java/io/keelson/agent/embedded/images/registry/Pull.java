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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * Pulls images into a store. One for a process: its pulls share the number of downloads, and wait for each other where
 * they want the same part. Any thread.
 */
public final class Pull implements AutoCloseable {
    private static final int CONFIG_MAX = 8 << 20;

    private final ImageStore store;
    private final RegistryLimits limits;
    private final RegistryHosts hosts;
    private final HttpClient http;

    /** Those for hosts with a TLS of their own; no more than the file of registries names. */
    private final Map<SSLContext, HttpClient> others = new ConcurrentHashMap<>();

    private final Semaphore downloads;
    private final Map<Digest, ReentrantLock> parts = new ConcurrentHashMap<>();

    /**
     * Pulls into a store.
     *
     * @param hosts how registries are reached
     */
    public Pull(ImageStore store, RegistryLimits limits, RegistryHosts hosts) {
        this.store = store;
        this.limits = limits;
        this.hosts = hosts;
        this.http = client().build();
        this.downloads = new Semaphore(limits.downloads());
    }

    private HttpClient.Builder client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.connect());
    }

    private HttpClient client(Route route) {
        return route.tls()
                .map(tls -> others.computeIfAbsent(
                        tls, context -> client().sslContext(context).build()))
                .orElse(http);
    }

    /**
     * Pulls an image, from a mirror if there is one that has it. What is here already is not fetched; if a part cannot be
     * had, those that came are kept until garbage is collected, so that the next try has less to do.
     *
     * @param credentials for the registry that the image's name says
     * @throws ImageProblem {@code NOT_FOUND}, {@code DENIED}, {@code UNREACHABLE}, {@code DAMAGED}, {@code TOO_LARGE}
     */
    public StoredImage pull(Reference image, Platform platform, Credentials credentials, PullProgress progress)
            throws IOException {
        List<ImageProblem> refusals = new ArrayList<>();
        List<Route> routes = hosts.routes(image, credentials);
        for (Route route : routes.subList(0, routes.size() - 1)) {
            try {
                return pull(new Registry(client(route), limits.once(), image, route), image, platform, progress);
            } catch (ImageProblem e) {
                refusals.add(e);
            }
        }
        Route last = routes.getLast();
        try {
            return pull(new Registry(client(last), limits, image, last), image, platform, progress);
        } catch (ImageProblem e) {
            if (refusals.isEmpty()) {
                throw e;
            }
            String before = refusals.stream().map(ImageProblem::getMessage).collect(Collectors.joining("; "));
            throw new ImageProblem(e.kind(), e.getMessage() + " (tried before: " + before + ")", e);
        }
    }

    private StoredImage pull(Registry registry, Reference image, Platform platform, PullProgress progress)
            throws IOException {
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

    @Override
    public void close() {
        http.shutdownNow();
        others.values().forEach(HttpClient::shutdownNow);
    }
}
