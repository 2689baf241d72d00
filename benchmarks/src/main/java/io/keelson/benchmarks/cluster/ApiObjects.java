package io.keelson.benchmarks.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.api.ApiConnection;
import io.keelson.benchmarks.load.ClosedLoop;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Objects of any kind that the API serves: created, changed and deleted, so many requests at a time. Any thread. */
public final class ApiObjects {
    private static final int CONFLICT = 409;
    private static final int GONE = 404;
    private static final long NANOS_MAX = TimeUnit.MINUTES.toNanos(30);
    private static final int PAGE = 5_000;
    private static final String AT_ONCE = "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0,"
            + "\"propagationPolicy\":\"Background\"}";

    private final ApiConnection api;
    private final int atOnce;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
    private final Map<String, JsonNode> served = new ConcurrentHashMap<>();

    /** @param atOnce how many requests are under way at a time */
    public ApiObjects(ApiConnection api, int atOnce) {
        this.api = api;
        this.atOnce = atOnce;
    }

    private record Kind(String base, String plural, boolean namespaced) {}

    /** The API serves no such kind, or no such field of it: what asks for it cannot be measured. */
    public static final class NotServed extends IOException {
        private static final long serialVersionUID = 1L;

        /** @param message what is not served */
        public NotServed(String message) {
            super(message);
        }
    }

    /**
     * Where the objects of a kind are.
     *
     * @param namespace left out for a kind that is in none
     * @throws NotServed if the API does not know the kind
     */
    public String path(JsonNode object, String namespace) throws IOException, InterruptedException {
        String version = object.path("apiVersion").asText();
        String name = object.path("kind").asText();
        Kind kind = kinds.get(version + "/" + name);
        if (kind == null) {
            kind = kind(version, name);
            kinds.put(version + "/" + name, kind);
        }
        return kind.base() + (kind.namespaced() ? "/namespaces/" + namespace : "") + "/" + kind.plural();
    }

    private Kind kind(String version, String name) throws IOException, InterruptedException {
        if (!version.matches("[a-z0-9.-]+(/[a-z0-9]+)?") || name.isEmpty()) {
            throw new IOException(
                    "an object needs apiVersion and kind; these are '" + version + "' and '" + name + "'");
        }
        String base = version.contains("/") ? "/apis/" + version : "/api/" + version;
        JsonNode list = served.get(base);
        if (list == null) {
            list = Json.parse(api.call(api.get(base), GONE));
            served.put(base, list);
        }
        for (JsonNode resource : list.path("resources")) {
            String plural = resource.path("name").asText();
            if (resource.path("kind").asText().equals(name) && !plural.contains("/")) {
                return new Kind(base, plural, resource.path("namespaced").asBoolean());
            }
        }
        throw new NotServed("the API serves no " + name + " of " + version);
    }

    /** A request that creates an object; made once, it may be sent often if the API gives the name. */
    public HttpRequest creation(ObjectNode object, String namespace) throws IOException, InterruptedException {
        return api.request("POST", path(object, namespace), "application/json", Json.text(object));
    }

    /**
     * Asks whether the API would take an object as it is written.
     *
     * @throws NotServed if it knows one of its fields not
     */
    public void check(ObjectNode object, String namespace) throws IOException, InterruptedException {
        String path = path(object, namespace) + "?dryRun=All&fieldValidation=Strict";
        try {
            var _ = api.call(api.request("POST", path, "application/json", Json.text(object)), CONFLICT);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("strict decoding error")) {
                throw new NotServed("the API does not know all fields of it: " + message);
            }
            throw e;
        }
    }

    /** Creates an object; one that is there already stays. */
    public void create(ObjectNode object, String namespace) throws IOException, InterruptedException {
        var _ = api.call(creation(object, namespace), CONFLICT);
    }

    /** As {@link #create}, in a path. */
    public byte[] post(String path, String json) throws IOException, InterruptedException {
        return api.call(api.request("POST", path, "application/json", json), CONFLICT);
    }

    /** A namespace with the account that pods need where nobody makes it. */
    public void createNamespace(ObjectNode namespace) throws IOException, InterruptedException {
        create(namespace, "");
        var _ = post(
                "/api/v1/namespaces/" + namespace.path("metadata").path("name").asText() + "/serviceaccounts",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}");
    }

    /** A namespace of this name without anything else. */
    public void createNamespace(String name) throws IOException, InterruptedException {
        ObjectNode namespace = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
        namespace.putObject("metadata").put("name", name);
        createNamespace(namespace);
    }

    /**
     * Sends a request for each number from 0 on.
     *
     * @throws IOException if one of them fails
     */
    public void each(String what, int count, IntFunction<HttpRequest> request)
            throws IOException, InterruptedException {
        if (count == 0) {
            return;
        }
        AtomicInteger next = new AtomicInteger();
        ClosedLoop.Outcome outcome = ClosedLoop.run(
                (_, done) -> api.send(request.apply(next.getAndIncrement()), done),
                Math.min(atOnce, count),
                NANOS_MAX,
                count);
        if (outcome.failures() > 0) {
            throw new IOException(String.format(
                    "%s: %,d of %,d requests failed, the first with: %s",
                    what, outcome.failures(), count, outcome.firstFailure()));
        }
        if (outcome.units() < count) {
            throw new IOException(
                    String.format("%s: %,d of %,d were done in half an hour", what, outcome.units(), count));
        }
    }

    /** A request that changes part of an object. */
    public HttpRequest merge(String path, String json) {
        return api.request("PATCH", path, "application/merge-patch+json", json);
    }

    /** A request that deletes an object at once, without grace. */
    public HttpRequest deletion(String path) {
        return api.request("DELETE", path, "application/json", AT_ONCE);
    }

    /** Deletes an object at once, if it is there. */
    public void delete(String path) throws IOException, InterruptedException {
        var _ = api.call(deletion(path), GONE);
    }

    /** Deletes objects at once, many at a time; those that are gone already are no failure. */
    public void deleteAll(List<String> paths) throws IOException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        List<Callable<@Nullable Void>> workers = new ArrayList<>();
        for (int worker = 0; worker < Math.min(atOnce, paths.size()); worker++) {
            workers.add(() -> {
                for (int i = next.getAndIncrement(); i < paths.size(); i = next.getAndIncrement()) {
                    delete(paths.get(i));
                }
                return null;
            });
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<@Nullable Void> worker : executor.invokeAll(workers)) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("deleting: " + e.getCause(), e);
        }
    }

    /** An object, or a list of some. */
    public JsonNode get(String path) throws IOException, InterruptedException {
        return Json.parse(api.call(api.get(path), 0));
    }

    /** Whether an object is there. */
    public boolean exists(String path) throws IOException, InterruptedException {
        return !"Status"
                .equals(Json.parse(api.call(api.get(path), GONE)).path("kind").asText());
    }

    /** The paths of all objects of a list, by {@code namespaces/NAMESPACE/} or without. */
    public List<String> paths(String base, String plural, String query) throws IOException, InterruptedException {
        List<String> paths = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = get(base + "/" + plural + "?limit=" + PAGE + query
                    + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
            for (JsonNode item : page.path("items")) {
                JsonNode metadata = item.path("metadata");
                String namespace = metadata.path("namespace").asText();
                paths.add(base
                        + (namespace.isEmpty() ? "" : "/namespaces/" + namespace)
                        + "/" + plural + "/" + metadata.path("name").asText());
            }
            next = page.path("metadata").path("continue").asText();
        } while (!next.isEmpty());
        return paths;
    }
}
