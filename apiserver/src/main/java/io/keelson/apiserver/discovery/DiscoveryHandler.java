package io.keelson.apiserver.discovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.ResourceRegistry;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code /api}, {@code /api/<version>}, {@code /apis}, {@code /apis/<group>} and {@code /apis/<group>/<version>}.
 * Whoever accepts the aggregated form of the first and the third gets that, with an ETag.
 */
public final class DiscoveryHandler implements Handler {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final List<String> AGGREGATED_PARTS = List.of(DiscoveryDocuments.AGGREGATED.split(";", -1));
    private static final List<String> PLAIN_PARTS = List.of("application/json");

    private final ResourceRegistry registry;
    private final Supplier<String> serverAddress;
    private final AggregatedGroups aggregated;
    private volatile Edition edition;

    /** What is told of one snapshot of the registry. Documents are made when they are first asked for. */
    private record Edition(long number, long others, DiscoveryDocuments documents, Map<String, byte[]> made) {
        static Edition of(ResourceRegistry.Snapshot snapshot, AggregatedGroups aggregated) {
            long others = aggregated.number();
            return new Edition(
                    snapshot.number(),
                    others,
                    new DiscoveryDocuments(new DiscoveryGroups(snapshot), new AggregatedPart(aggregated.versions())),
                    new ConcurrentHashMap<>());
        }

        byte[] document(String name, Supplier<ObjectNode> writer) {
            return made.computeIfAbsent(name, _ -> encode(writer.get()));
        }
    }

    /**
     * @param serverAddress {@code host:port} under which clients reach this server
     * @param aggregated what is served by others behind this one
     */
    public DiscoveryHandler(ResourceRegistry registry, Supplier<String> serverAddress, AggregatedGroups aggregated) {
        this.registry = registry;
        this.serverAddress = serverAddress;
        this.aggregated = aggregated;
        this.edition = Edition.of(registry.current(), aggregated);
    }

    private Edition edition() {
        ResourceRegistry.Snapshot snapshot = registry.current();
        Edition now = edition;
        if (now.number() != snapshot.number() || now.others() != aggregated.number()) {
            now = Edition.of(snapshot, aggregated);
            edition = now;
        }
        return now;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw ApiException.noSuchResource().withCode(405);
        }
        String path = request.info().path();
        String[] parts = (path.endsWith("/") ? path.substring(1, path.length() - 1) : path.substring(1)).split("/", -1);
        Edition now = edition();
        DiscoveryDocuments documents = now.documents();
        boolean core = parts[0].equals("api");
        if (parts.length == 1) {
            if (acceptsAggregated(request.headers().first("Accept"))) {
                return aggregated(request, now.document("aggregated " + core, () -> documents.aggregated(core)));
            }
            return json(
                    core
                            ? encode(documents.coreVersions(serverAddress.get()))
                            : now.document("groups", documents::groupList));
        }
        String group = core ? "" : parts[1];
        if (!core && parts.length == 2 && documents.has(group)) {
            return json(now.document("group " + group, () -> documents.group(group)));
        }
        String version = core ? parts[1] : parts.length == 3 ? parts[2] : "";
        if (parts.length != (core ? 2 : 3) || !documents.versions(group).containsKey(version)) {
            throw ApiException.noSuchResource();
        }
        GroupVersion groupVersion = new GroupVersion(group, version);
        return json(now.document("version " + groupVersion, () -> documents.resourceList(groupVersion)));
    }

    private static ApiResponse json(byte[] document) {
        return ApiResponse.of(200, "application/json", document);
    }

    private static ApiResponse aggregated(ApiRequest request, byte[] document) {
        String tag = '"' + HexFormat.of().withUpperCase().formatHex(DiscoveryDocuments.sha("SHA-512", document)) + '"';
        Map<String, String> headers = Map.of(
                "Content-Type",
                DiscoveryDocuments.AGGREGATED,
                "ETag",
                tag,
                "Cache-Control",
                "public",
                "Vary",
                "Accept");
        return tag.equals(request.headers().first("If-None-Match"))
                ? new ApiResponse.Whole(304, headers, List.of())
                : new ApiResponse.Whole(200, headers, List.of(ByteBuffer.wrap(document)));
    }

    /** Whether the aggregated form is among the first things a client accepts; plain JSON, if before it, wins. */
    private static boolean acceptsAggregated(@Nullable String accept) {
        if (accept == null) {
            return false;
        }
        for (String part : accept.split(",", -1)) {
            List<String> type = List.of(part.replace(" ", "").split(";", -1));
            if (type.containsAll(AGGREGATED_PARTS)) {
                return true;
            }
            if (type.equals(PLAIN_PARTS)) {
                return false;
            }
        }
        return false;
    }

    private static byte[] encode(ObjectNode document) {
        try {
            return MAPPER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document of discovery cannot be written", e);
        }
    }
}
