package io.keelson.controllers.kinds;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes objects of any kind by their metadata. It uses the connection of a client, with its certificates and
 * tokens; what it asks for, the methods of that client have no words for.
 *
 * <p>All methods throw {@link KubernetesClientException} if the API refuses or cannot be reached, and return null where
 * it says that there is no such object. Any thread.
 */
public final class MetadataClient {
    private static final String PARTIAL =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private static final String PARTIAL_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    private static final String DISCOVERY =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    private static final int PAGE = 500;
    /** As long as an API server itself lets a request run. */
    private static final int REQUEST_SECONDS_MAX = 60;

    static final JsonMapper JSON = JsonMapper.builder().build();

    private final KubernetesClient client;
    private final String root;

    /** Speaks through a client, which stays open as long as this is used. */
    public MetadataClient(KubernetesClient client) {
        this.client = client;
        String url = client.getMasterUrl().toString();
        root = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /**
     * All objects of a kind at one moment.
     *
     * @param resourceVersion where a watch goes on from
     */
    public record Listed(List<Metadata> objects, String resourceVersion) {}

    /** Which kinds there are. */
    public Discovery discover() throws InterruptedException {
        return Discovery.of(List.of(document("/api"), document("/apis")));
    }

    private JsonNode document(String path) throws InterruptedException {
        JsonNode document = json(send(request(path, DISCOVERY)));
        if (!"APIGroupDiscoveryList".equals(document.path("kind").asText(""))) {
            throw new KubernetesClientException(path + " answers with " + document.path("kind") + " where"
                    + " APIGroupDiscoveryList is asked for: the API server is older than Kubernetes 1.30");
        }
        return document;
    }

    /**
     * The objects of a kind.
     *
     * @param namespace empty for all
     */
    public Listed list(Kind kind, String namespace) throws InterruptedException {
        List<Metadata> objects = new ArrayList<>();
        String next = "";
        String version;
        do {
            String query = "?limit=" + PAGE
                    + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
            JsonNode page = json(send(request(kind.path(namespace) + query, PARTIAL_LIST)));
            page.path("items").forEach(object -> objects.add(Metadata.of(object)));
            next = page.path("metadata").path("continue").asText("");
            version = page.path("metadata").path("resourceVersion").asText("");
        } while (!next.isEmpty());
        return new Listed(objects, version);
    }

    /**
     * Some objects of a kind in all namespaces.
     *
     * @param next where the page after this one begins; empty if this is the last
     */
    public record Page(List<Metadata> objects, String resourceVersion, String next) {
        public Page {
            objects = List.copyOf(objects);
        }
    }

    /**
     * The objects of a kind, some at a time; all pages are of the same moment.
     *
     * @param from where a page begins, as the one before it says; empty for the first
     * @param objectsMax how many there are in a page at most
     * @throws KubernetesClientException with code 410 if the page before is too old to go on from
     */
    public Page page(Kind kind, String from, int objectsMax) throws InterruptedException {
        String query = "?limit=" + objectsMax
                + (from.isEmpty() ? "" : "&continue=" + URLEncoder.encode(from, StandardCharsets.UTF_8));
        JsonNode page = json(send(request(kind.path("") + query, PARTIAL_LIST)));
        List<Metadata> objects = new ArrayList<>();
        page.path("items").forEach(object -> objects.add(Metadata.of(object)));
        JsonNode metadata = page.path("metadata");
        return new Page(
                objects,
                metadata.path("resourceVersion").asText(""),
                metadata.path("continue").asText(""));
    }

    /**
     * Writes an object as it is, so that it is stored as objects of its kind are stored today. If it is stored so already,
     * nothing is written.
     *
     * @param of the object as it was read; if it is another one by now, or is gone, the API answers with a conflict
     * @param manager who does it
     */
    public void touch(Kind kind, Metadata of, String manager) throws InterruptedException {
        ObjectNode nothing =
                JSON.createObjectNode().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        nothing.set("metadata", unchanged(of));
        String query = "?fieldManager=" + URLEncoder.encode(manager, StandardCharsets.UTF_8);
        send(builder(kind.path(of.namespace(), of.name()) + query, PARTIAL)
                .patch("application/apply-patch+yaml", nothing.toString())
                .build());
    }

    /** One object as it is now. */
    public @Nullable Metadata get(Kind kind, String namespace, String name) throws InterruptedException {
        String object = sendIfThere(request(kind.path(namespace, name), PARTIAL));
        return object == null ? null : Metadata.of(json(object));
    }

    /**
     * Deletes an object.
     *
     * @param uid the only one that may be deleted
     * @param resourceVersion the only one that may be deleted; null for any
     * @param propagation {@code Background}, {@code Foreground} or {@code Orphan}
     * @return whether it was there
     */
    public boolean delete(
            Kind kind, String namespace, String name, String uid, @Nullable String resourceVersion, String propagation)
            throws InterruptedException {
        ObjectNode options = deleteOptions(propagation);
        ObjectNode preconditions = options.putObject("preconditions").put("uid", uid);
        if (resourceVersion != null) {
            preconditions.put("resourceVersion", resourceVersion);
        }
        return sendIfThere(builder(kind.path(namespace, name), PARTIAL)
                        .delete("application/json", options.toString())
                        .build())
                != null;
    }

    /** Deletes all objects of a kind in a namespace. */
    public void deleteCollection(Kind kind, String namespace) throws InterruptedException {
        send(builder(kind.path(namespace), PARTIAL_LIST)
                .delete("application/json", deleteOptions("Background").toString())
                .build());
    }

    private static ObjectNode deleteOptions(String propagation) {
        return JSON.createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "DeleteOptions")
                .put("propagationPolicy", propagation);
    }

    /**
     * Gives an object other owners.
     *
     * @param of the object as it was read; if it is another one by now the API answers with a conflict
     * @return whether it was there
     */
    public boolean putOwners(Kind kind, Metadata of, List<Owner> owners) throws InterruptedException {
        ObjectNode metadata = unchanged(of);
        var list = metadata.putArray("ownerReferences");
        for (Owner owner : owners) {
            ObjectNode reference = list.addObject()
                    .put("apiVersion", owner.apiVersion())
                    .put("kind", owner.kind())
                    .put("name", owner.name())
                    .put("uid", owner.uid());
            if (owner.controller() != null) {
                reference.put("controller", owner.controller());
            }
            if (owner.blockOwnerDeletion() != null) {
                reference.put("blockOwnerDeletion", owner.blockOwnerDeletion());
            }
        }
        return patch(kind, of, metadata);
    }

    /**
     * Gives an object other finalizers.
     *
     * @param of the object as it was read; if it is another one by now the API answers with a conflict
     * @return whether it was there
     */
    public boolean putFinalizers(Kind kind, Metadata of, List<String> finalizers) throws InterruptedException {
        ObjectNode metadata = unchanged(of);
        var list = metadata.putArray("finalizers");
        finalizers.forEach(list::add);
        return patch(kind, of, metadata);
    }

    private static ObjectNode unchanged(Metadata object) {
        return JSON.createObjectNode().put("uid", object.uid()).put("resourceVersion", object.resourceVersion());
    }

    private boolean patch(Kind kind, Metadata of, ObjectNode metadata) throws InterruptedException {
        ObjectNode patch = JSON.createObjectNode();
        patch.set("metadata", metadata);
        return sendIfThere(builder(kind.path(of.namespace(), of.name()), PARTIAL)
                        .patch("application/merge-patch+json", patch.toString())
                        .build())
                != null;
    }

    HttpRequest watchRequest(Kind kind, String resourceVersion, int seconds) {
        String query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds + "&resourceVersion="
                + URLEncoder.encode(resourceVersion, StandardCharsets.UTF_8);
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(root + kind.path("") + query)
                .header("Accept", PARTIAL)
                .forStreaming()
                .build();
    }

    KubernetesClient client() {
        return client;
    }

    private HttpRequest.Builder builder(String path, String accept) {
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(root + path)
                .header("Accept", accept)
                .timeout(REQUEST_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private HttpRequest request(String path, String accept) {
        return builder(path, accept).build();
    }

    private @Nullable String sendIfThere(HttpRequest request) throws InterruptedException {
        try {
            return send(request);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private String send(HttpRequest request) throws InterruptedException {
        HttpResponse<byte[]> response = await(client.getHttpClient().sendAsync(request, byte[].class));
        byte[] bytes = response.body();
        String body = bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
        if (!response.isSuccessful()) {
            throw refusal(request, response.code(), body);
        }
        return body;
    }

    private KubernetesClientException refusal(HttpRequest request, int code, String body) {
        Status status = null;
        try {
            status = client.getKubernetesSerialization().unmarshal(body, Status.class);
        } catch (RuntimeException e) {
            // A proxy on the way answers in its own words: they are all there is.
        }
        String message = status == null || status.getMessage() == null
                ? request.method() + " " + request.uri().getPath() + ": " + code + " " + body.strip()
                : status.getMessage();
        return new KubernetesClientException(message, code, status);
    }

    static <T> T await(CompletableFuture<T> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new KubernetesClientException(String.valueOf(cause.getMessage()), cause);
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new KubernetesClientException("the API does not answer in JSON", e);
        }
    }

    static JsonNode json(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new KubernetesClientException("the API does not answer in JSON", e);
        }
    }
}
