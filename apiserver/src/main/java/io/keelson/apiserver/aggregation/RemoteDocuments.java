package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.proxy.BackendException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What an API server says of the group and version that it serves.
 *
 * @param resources in the aggregated form of discovery; null if nothing could be read
 * @param openApi where its document of OpenAPI v3 is; empty for none
 * @param swagger the part of its document of OpenAPI v2 that is about the group and version; null for none
 */
record RemoteDocuments(
        @Nullable ArrayNode resources,
        String openApi,
        @Nullable ObjectNode swagger) {
    static final RemoteDocuments NONE = new RemoteDocuments(null, "", null);

    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final int RESOURCES_MAX = 5_000;

    /** Asks for them, for all at the same time: a server that has just begun answers slowly. What is not to be had is left out. */
    static RemoteDocuments of(ApiService service, RemoteCaller caller) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<ObjectNode>> swagger = threads.submit(() -> Optional.ofNullable(swagger(service, caller)));
            Future<String> openApi = threads.submit(() -> openApi(service, caller));
            try {
                return new RemoteDocuments(
                        resources(service, caller), openApi.get(), swagger.get().orElse(null));
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static @Nullable ArrayNode resources(ApiService service, RemoteCaller caller) throws InterruptedException {
        ArrayNode resources = aggregated(service, caller);
        return resources == null ? plain(service, caller) : resources;
    }

    private static @Nullable ObjectNode json(RemoteCaller caller, String path, String accept, String type)
            throws InterruptedException {
        try {
            RemoteCaller.Answer answer = caller.get(path, accept, true);
            return answer.status() == 200 && answer.contentType().contains(type)
                    ? Json.parseObject(answer.body())
                    : null;
        } catch (BackendException | UnavailableException | MalformedException e) {
            return null; // Whether it can be reached is said by its condition.
        }
    }

    private static @Nullable ArrayNode aggregated(ApiService service, RemoteCaller caller) throws InterruptedException {
        String path = service.group().isEmpty() ? "/api" : "/apis";
        ObjectNode list = json(caller, path, AGGREGATED, "apidiscovery.k8s.io");
        if (list == null) {
            return null;
        }
        for (JsonNode group : list.path("items")) {
            if (!group.path("metadata").path("name").asText("").equals(service.group())) {
                continue;
            }
            for (JsonNode version : group.path("versions")) {
                if (version.path("version").asText("").equals(service.version())
                        && version.get("resources") instanceof ArrayNode resources
                        && resources.size() <= RESOURCES_MAX) {
                    return resources;
                }
            }
        }
        return null;
    }

    /** Out of an {@code APIResourceList}, where subresources stand beside what they belong to. */
    private static @Nullable ArrayNode plain(ApiService service, RemoteCaller caller) throws InterruptedException {
        ObjectNode list = json(caller, service.path(), "application/json", "json");
        if (list == null || list.path("resources").size() > RESOURCES_MAX) {
            return null;
        }
        ArrayNode resources = Json.array();
        Map<String, ObjectNode> byName = new HashMap<>();
        for (JsonNode one : list.path("resources")) {
            String name = one.path("name").asText("");
            int slash = name.indexOf('/');
            if (slash < 0) {
                ObjectNode entry = resources.addObject().put("resource", name);
                entry.set("responseKind", kind(service, one));
                entry.put("scope", one.path("namespaced").asBoolean(false) ? "Namespaced" : "Cluster")
                        .put("singularResource", one.path("singularName").asText(""));
                copy(one, entry, "verbs", "shortNames", "categories");
                byName.put(name, entry);
            }
        }
        for (JsonNode one : list.path("resources")) {
            String name = one.path("name").asText("");
            int slash = name.indexOf('/');
            ObjectNode parent = slash < 0 ? null : byName.get(name.substring(0, slash));
            if (parent != null) {
                ArrayNode parts =
                        parent.get("subresources") instanceof ArrayNode there ? there : parent.putArray("subresources");
                ObjectNode part = parts.addObject().put("subresource", name.substring(slash + 1));
                part.set("responseKind", kind(service, one));
                copy(one, part, "verbs");
            }
        }
        return resources;
    }

    private static ObjectNode kind(ApiService service, JsonNode resource) {
        String version = resource.path("version").asText("");
        boolean own = version.isEmpty();
        return Json.object()
                .put("group", own ? service.group() : resource.path("group").asText(""))
                .put("version", own ? service.version() : version)
                .put("kind", resource.path("kind").asText(""));
    }

    private static void copy(JsonNode from, ObjectNode to, String... fields) {
        for (String field : fields) {
            if (from.get(field) instanceof ArrayNode texts && !texts.isEmpty()) {
                to.set(field, texts.deepCopy());
            }
        }
    }

    private static String openApi(ApiService service, RemoteCaller caller) throws InterruptedException {
        ObjectNode index = json(caller, "/openapi/v3", "application/json", "json");
        if (index == null) {
            return "";
        }
        String name = service.path().substring(1);
        String address =
                index.path("paths").path(name).path("serverRelativeURL").asText("");
        // It is an address here, too, and leads to nothing but this document.
        String expected = "/openapi/v3/" + name;
        return address.equals(expected) || address.startsWith(expected + "?") ? address : "";
    }

    private static @Nullable ObjectNode swagger(ApiService service, RemoteCaller caller) throws InterruptedException {
        ObjectNode whole = json(caller, "/openapi/v2", "application/json", "json");
        if (whole == null) {
            return null;
        }
        ObjectNode part = Json.object();
        ObjectNode paths = part.putObject("paths");
        whole.path("paths").properties().forEach(path -> {
            if (path.getKey().equals(service.path() + "/") || path.getKey().startsWith(service.path() + "/")) {
                paths.set(path.getKey(), path.getValue());
            }
        });
        for (String referred : new String[] {"definitions", "parameters"}) {
            if (whole.get(referred) instanceof ObjectNode named) {
                part.set(referred, named);
            }
        }
        return part;
    }
}
