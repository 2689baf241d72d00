package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers {@code /openapi/v3}, the index, and {@code /openapi/v3/<api|apis>/…}, the documents. A document asked for with
 * its hash may be kept for ever; one asked for with another hash is told the right one.
 */
public final class OpenApiHandler implements Handler {
    private static final String ROOT = "/openapi/v3";

    private final ResourceRegistry registry;
    private final String version;
    private volatile Edition edition;

    private record Document(byte[] bytes, String hash) {}

    /** What is told of one snapshot of the registry. */
    private record Edition(ResourceRegistry.Snapshot snapshot, Map<String, Document> made) {}

    /** @param version of Kubernetes, as it stands in the documents */
    public OpenApiHandler(ResourceRegistry registry, String version) {
        this.registry = registry;
        this.version = version;
        this.edition = new Edition(registry.current(), new ConcurrentHashMap<>());
    }

    private Edition edition() {
        ResourceRegistry.Snapshot snapshot = registry.current();
        Edition now = edition;
        if (now.snapshot().number() != snapshot.number()) {
            now = new Edition(snapshot, new ConcurrentHashMap<>());
            edition = now;
        }
        return now;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        String path = request.info().path();
        if (path.equals(ROOT) || path.equals(ROOT + "/")) {
            return ApiResponse.of(200, "application/json", Json.encode(index()));
        }
        if (!path.startsWith(ROOT + "/")) {
            throw ApiException.noSuchResource();
        }
        String name = path.substring(ROOT.length() + 1);
        Document document = document(edition(), name);
        String hash = request.query().text("hash");
        if (!hash.isEmpty() && !hash.equals(document.hash())) {
            return new ApiResponse.Whole(
                    301, Map.of("Location", ROOT + "/" + name + "?hash=" + document.hash()), List.of());
        }
        String tag = '"' + document.hash() + '"';
        Map<String, String> headers = Map.of(
                "Content-Type",
                "application/json",
                "Etag",
                tag,
                "Vary",
                "Accept",
                "Cache-Control",
                hash.isEmpty() ? "no-cache, private" : "public, immutable");
        return tag.equals(request.headers().first("If-None-Match"))
                ? new ApiResponse.Whole(304, headers, List.of())
                : new ApiResponse.Whole(200, headers, List.of(ByteBuffer.wrap(document.bytes())));
    }

    private ObjectNode index() {
        Edition now = edition();
        Set<GroupVersion> versions = new LinkedHashSet<>();
        for (Resource resource : now.snapshot().resources()) {
            for (ServedVersion served : resource.versions()) {
                versions.add(new GroupVersion(resource.name().group(), served.version()));
            }
        }
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        for (GroupVersion groupVersion : versions) {
            String name = (groupVersion.group().isEmpty() ? "api/" : "apis/") + groupVersion;
            paths.putObject(name)
                    .put(
                            "serverRelativeURL",
                            ROOT + "/" + name + "?hash=" + document(now, name).hash());
        }
        return index;
    }

    private Document document(Edition now, String name) {
        boolean core = name.startsWith("api/");
        if (!core && !name.startsWith("apis/")) {
            throw ApiException.noSuchResource();
        }
        GroupVersion groupVersion = GroupVersion.parse(name.substring(name.indexOf('/') + 1));
        List<Resource> resources = now.snapshot().in(groupVersion);
        if (resources.isEmpty() || core != groupVersion.group().isEmpty()) {
            throw ApiException.noSuchResource();
        }
        return now.made().computeIfAbsent(name, _ -> {
            List<Resource> through = resources.stream()
                    .map(resource -> resource.through(groupVersion.version()))
                    .toList();
            byte[] bytes = Json.encode(OpenApiDocument.of(groupVersion, through, version));
            return new Document(bytes, hash(bytes));
        });
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-512", e);
        }
    }
}
