package io.keelson.agent.embedded.images.registry;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/** A registry, asked for one image. Any thread. */
final class Registry {
    private static final int MANIFEST_MAX = 4 << 20;
    private static final int REDIRECTS_MAX = 10;
    private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);
    private static final String ACCEPT =
            String.join(", ", MediaType.INDEX, MediaType.MANIFEST, MediaType.DOCKER_INDEX, MediaType.DOCKER_MANIFEST);

    private final HttpClient http;
    private final RegistryLimits limits;
    private final Reference image;
    private final Route route;
    private final RegistryAccess access;

    /**
     * For one image.
     *
     * @param http follows no redirects by itself
     * @param route to it
     */
    Registry(HttpClient http, RegistryLimits limits, Reference image, Route route) {
        this.http = http;
        this.limits = limits;
        this.image = image;
        this.route = route;
        this.access = new RegistryAccess(http, limits, image, route);
    }

    /** Who is asked for many registries is told which is meant. */
    private URI address(String document) {
        String of = route.mirrored()
                .map(registry -> "?ns=" + URLEncoder.encode(registry, StandardCharsets.UTF_8))
                .orElse("");
        return route.base().resolve(document + of);
    }

    /** A manifest or an index, checked. */
    record Document(Descriptor descriptor, byte[] content) {}

    /**
     * Fetches a manifest.
     *
     * @param version a tag or a digest
     * @throws ImageProblem {@code NOT_FOUND}, {@code DENIED}, {@code UNREACHABLE}, {@code DAMAGED}, {@code TOO_LARGE}
     */
    Document manifest(String version) throws IOException {
        return attempt(() -> {
            HttpResponse<InputStream> response = get(address("manifests/" + version), Optional.of(ACCEPT), 0);
            try (InputStream body = new WatchedBody(response.body(), limits)) {
                require(response, 200, image.repository() + (version.indexOf(':') >= 0 ? "@" : ":") + version);
                byte[] content = body.readNBytes(MANIFEST_MAX + 1);
                if (content.length > MANIFEST_MAX) {
                    throw new ImageProblem(
                            ImageProblem.Kind.TOO_LARGE,
                            "the manifest of " + image + " is larger than " + MANIFEST_MAX + " bytes");
                }
                Digest digest = Digest.of(content);
                checkManifest(digest, version, response);
                String type = response.headers().firstValue("Content-Type").orElse("");
                int end = type.indexOf(';');
                return new Document(
                        new Descriptor((end < 0 ? type : type.substring(0, end)).strip(), digest, content.length),
                        content);
            }
        });
    }

    private void checkManifest(Digest found, String version, HttpResponse<?> response) throws ImageProblem {
        String told = response.headers().firstValue("Docker-Content-Digest").orElse("");
        String wanted = version.indexOf(':') >= 0 ? version : told.startsWith("sha256:") ? told : found.toString();
        if (!found.toString().equals(wanted)) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "the registry " + route.host() + " gave another manifest than " + image.repository() + "@" + wanted
                            + ": its digest is " + found);
        }
    }

    /**
     * Fetches a blob. What has come of it when the line breaks is not fetched again.
     *
     * @param out empty
     * @param progress told of each byte that comes, and of those lost as a negative number
     * @throws ImageProblem as {@link #manifest}
     */
    void blob(Descriptor blob, BlobWriter out, LongConsumer progress) throws IOException {
        if (blob.size() > limits.layerBytes()) {
            throw new ImageProblem(
                    ImageProblem.Kind.TOO_LARGE,
                    "blob " + blob.digest() + " of " + image + " is of " + blob.size() + " bytes; at most "
                            + limits.layerBytes() + " are taken");
        }
        // Attempts count from the last that brought something, so that a long blob may break often.
        do {
            long before = out.size();
            try {
                attempt(() -> {
                    part(blob, out, progress);
                    return out;
                });
            } catch (ImageProblem e) {
                if (e.kind() != ImageProblem.Kind.UNREACHABLE || out.size() - before < limits.windowBytes()) {
                    throw e;
                }
            }
        } while (out.size() < blob.size());
        try {
            out.commit(blob.digest());
        } catch (ImageProblem e) {
            throw lie(blob, String.valueOf(e.getMessage()));
        }
    }

    private void part(Descriptor blob, BlobWriter out, LongConsumer progress) throws IOException, InterruptedException {
        long from = out.size();
        HttpResponse<InputStream> response = get(address("blobs/" + blob.digest()), Optional.empty(), from);
        try (InputStream body = new WatchedBody(response.body(), limits)) {
            boolean goesOn = from > 0 && response.statusCode() == 206 && startsAt(response, from);
            if (!goesOn) {
                require(response, 200, "blob " + blob.digest() + " of " + image.repository());
                progress.accept(-from);
                out.restart();
            }
            byte[] buffer = new byte[64 * 1024];
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                if (out.size() + read > blob.size()) {
                    throw lie(blob, "it is longer");
                }
                out.write(buffer, 0, read);
                progress.accept(read);
            }
        }
        if (out.size() < blob.size()) {
            throw new IOException("the answer ends after " + out.size() + " bytes");
        }
    }

    private static boolean startsAt(HttpResponse<?> response, long from) {
        return response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + from + "-");
    }

    private ImageProblem lie(Descriptor blob, String how) {
        return new ImageProblem(
                ImageProblem.Kind.DAMAGED,
                "the registry " + route.host() + " gave something else for blob " + blob.digest() + " of " + blob.size()
                        + " bytes: " + how);
    }

    private void require(HttpResponse<?> response, int status, String what) throws IOException {
        int given = response.statusCode();
        if (given == status) {
            return;
        }
        if (given == 404) {
            throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, what + ": not found");
        }
        if (given == 401 || given == 403) {
            throw access.denied("the registry answered " + given);
        }
        if (PASSING.contains(given)) {
            throw new IOException("the registry answered " + given);
        }
        throw new ImageProblem(
                ImageProblem.Kind.UNREACHABLE, what + ": the registry " + route.host() + " answered " + given);
    }

    /** Follows redirects itself: what says who asks goes to the registry alone. */
    private HttpResponse<InputStream> get(URI address, Optional<String> accept, long from)
            throws IOException, InterruptedException {
        URI at = address;
        boolean loggedIn = false;
        for (int redirects = 0; redirects <= REDIRECTS_MAX; ) {
            boolean own = at.getScheme().equals(route.base().getScheme())
                    && at.getAuthority().equals(route.base().getAuthority());
            HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(limits.answer());
            request.header("User-Agent", "keelson");
            accept.ifPresent(types -> request.header("Accept", types));
            if (from > 0) {
                request.header("Range", "bytes=" + from + "-");
            }
            if (own) {
                access.authorization().ifPresent(value -> request.header("Authorization", value));
            }
            HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
            int status = response.statusCode();
            if (status == 401 && own && !loggedIn) {
                response.body().close();
                access.answer(response);
                loggedIn = true;
            } else if (status >= 301 && status <= 308 && status != 304) {
                response.body().close();
                at = target(at, response);
                redirects++;
            } else {
                return response;
            }
        }
        throw new ImageProblem(
                ImageProblem.Kind.UNREACHABLE, "the registry " + route.host() + " redirects without end");
    }

    private URI target(URI from, HttpResponse<?> response) throws ImageProblem {
        String location = response.headers().firstValue("Location").orElse("");
        try {
            URI to = from.resolve(location);
            boolean secure = "https".equals(to.getScheme());
            boolean plain = "http".equals(to.getScheme()) && !"https".equals(from.getScheme());
            if (to.getHost() != null && (secure || plain)) {
                return to;
            }
        } catch (IllegalArgumentException e) {
            // As one without a host.
        }
        throw new ImageProblem(
                ImageProblem.Kind.UNREACHABLE,
                "the registry " + route.host() + " redirects to where no image is fetched from: \""
                        + (location.length() > 200 ? location.substring(0, 200) : location) + "\"");
    }

    private interface Request<T> {
        T send() throws IOException, InterruptedException;
    }

    /** Tries again what may pass; an {@link ImageProblem} will not. */
    private <T> T attempt(Request<T> request) throws IOException {
        long waitMs = limits.backoff().toMillis();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return request.send();
                } catch (ImageProblem e) {
                    if (e.kind() != ImageProblem.Kind.UNREACHABLE || attempt == limits.attempts()) {
                        throw e;
                    }
                } catch (InterruptedIOException e) {
                    if (Thread.currentThread().isInterrupted() || attempt == limits.attempts()) {
                        throw unreachable(e);
                    }
                } catch (IOException e) {
                    if (attempt == limits.attempts()) {
                        throw unreachable(e);
                    }
                }
                Thread.sleep(waitMs);
                waitMs *= 2;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking the registry " + route.host());
        }
    }

    private ImageProblem unreachable(IOException cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ImageProblem(
                ImageProblem.Kind.UNREACHABLE, "the registry " + route.host() + " cannot be used: " + why, cause);
    }
}
