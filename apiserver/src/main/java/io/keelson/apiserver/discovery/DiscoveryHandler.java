package io.keelson.apiserver.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.ResourceRegistry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Answers {@code /api}, {@code /api/<version>}, {@code /apis}, {@code /apis/<group>} and {@code /apis/<group>/<version>}, as
 * JSON, YAML or protobuf. Whoever accepts the aggregated form of the first and the third, wherever it stands among what is
 * accepted, gets that, with an ETag; it is the same for all formats.
 */
public final class DiscoveryHandler implements Handler {
    /** The formats of the aggregated form, which is never given to whoever does not ask for it. */
    private static final MediaTypes AGGREGATED =
            new MediaTypes(List.of(MediaType.JSON, MediaType.YAML, MediaType.PROTOBUF), List.of());

    private final ResourceRegistry registry;
    private final Supplier<String> serverAddress;
    private final AggregatedGroups aggregated;
    private volatile Edition edition;

    /** What is told of one snapshot of the registry. Documents are made when they are first asked for. */
    private record Edition(
            long number,
            long others,
            DiscoveryDocuments documents,
            Map<String, ObjectNode> made,
            Map<Form, byte[]> encoded,
            Map<String, String> tags) {
        static Edition of(ResourceRegistry.Snapshot snapshot, AggregatedGroups aggregated) {
            long others = aggregated.number();
            return new Edition(
                    snapshot.number(),
                    others,
                    new DiscoveryDocuments(new DiscoveryGroups(snapshot), new AggregatedPart(aggregated.versions())),
                    new ConcurrentHashMap<>(),
                    new ConcurrentHashMap<>(),
                    new ConcurrentHashMap<>());
        }

        byte[] document(Form form, Supplier<ObjectNode> writer) {
            return encoded.computeIfAbsent(form, _ -> encode(form, tree(form.document(), writer)));
        }

        private ObjectNode tree(String name, Supplier<ObjectNode> writer) {
            return made.computeIfAbsent(name, _ -> writer.get());
        }

        /** What tells an edition of a document from others, in quotes. */
        String tag(String name, Supplier<ObjectNode> writer) {
            return tags.computeIfAbsent(name, _ -> {
                byte[] digest = DiscoveryDocuments.sha("SHA-512", Json.encode(tree(name, writer)));
                return '"' + HexFormat.of().withUpperCase().formatHex(digest) + '"';
            });
        }
    }

    /** A document in one of its formats. */
    private record Form(String document, MediaType type, boolean pretty) {
        static Form of(String document, Negotiated negotiated) {
            return new Form(document, negotiated.type(), negotiated.type() == MediaType.JSON && negotiated.pretty());
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
            Negotiated agreed = AGGREGATED.answerIfAccepted(request, DiscoveryDocuments.AGGREGATED_KIND::equals);
            if (agreed != null) {
                return aggregated(request, agreed, now, "aggregated " + core, () -> documents.aggregated(core));
            }
            if (core) {
                // The address may come to be another one.
                Form form = Form.of("core", MediaTypes.ALL.answer(request, _ -> false));
                return whole(form.type(), encode(form, documents.coreVersions(serverAddress.get())));
            }
            return legacy(request, now, "groups", documents::groupList);
        }
        String group = core ? "" : parts[1];
        if (!core && parts.length == 2 && documents.has(group)) {
            return legacy(request, now, "group " + group, () -> documents.group(group));
        }
        String version = core ? parts[1] : parts.length == 3 ? parts[2] : "";
        if (parts.length != (core ? 2 : 3) || !documents.versions(group).containsKey(version)) {
            throw ApiException.noSuchResource();
        }
        GroupVersion groupVersion = new GroupVersion(group, version);
        return legacy(request, now, "version " + groupVersion, () -> documents.resourceList(groupVersion));
    }

    /** The paths at which there is something at present, in no order. */
    public List<String> paths() {
        DiscoveryDocuments documents = edition().documents();
        List<String> paths = new ArrayList<>(List.of("/api", "/apis", "/apis/"));
        documents.groupVersions().forEach(groupVersion -> {
            String group = groupVersion.group().isEmpty() ? "/api" : "/apis/" + groupVersion.group();
            paths.add(group);
            paths.add(group + "/" + groupVersion.version());
        });
        return paths.stream().distinct().toList();
    }

    private static ApiResponse legacy(ApiRequest request, Edition now, String name, Supplier<ObjectNode> writer) {
        Form form = Form.of(name, MediaTypes.ALL.answer(request, _ -> false));
        return whole(form.type(), now.document(form, writer));
    }

    private static ApiResponse whole(MediaType type, byte[] document) {
        return ApiResponse.of(200, type.text(), document);
    }

    private static ApiResponse aggregated(
            ApiRequest request, Negotiated agreed, Edition now, String name, Supplier<ObjectNode> writer) {
        String tag = now.tag(name, writer);
        Map<String, String> headers = Map.of("ETag", tag, "Cache-Control", "public", "Vary", "Accept");
        if (tag.equals(request.headers().first("If-None-Match"))) {
            return new ApiResponse.Whole(304, headers, List.of());
        }
        Map<String, String> typed = new HashMap<>(headers);
        typed.put("Content-Type", agreed.type().text() + DiscoveryDocuments.AGGREGATED_PARAMETERS);
        return new ApiResponse.Whole(200, typed, List.of(ByteBuffer.wrap(now.document(Form.of(name, agreed), writer))));
    }

    private static byte[] encode(Form form, ObjectNode document) {
        return switch (form.type()) {
            case JSON -> form.pretty() ? Json.encodePretty(document) : Json.encode(document);
            case YAML -> Yaml.encode(document);
            case PROTOBUF -> KubernetesProtobuf.encode(document);
        };
    }
}
