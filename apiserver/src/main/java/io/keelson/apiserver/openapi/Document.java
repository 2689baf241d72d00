package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.MediaTypes;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A document as it is sent: JSON, made at once, and protobuf, made when somebody first asks for it. Thread-safe.
 *
 * @see GnosticMessages
 */
final class Document {
    private static final String JSON = "application/json";

    private final byte[] json;
    private final String hash;
    private final GnosticMessages messages;
    private final Format format;
    private volatile byte @Nullable [] protobuf;

    /** How a version of OpenAPI names its protobuf form: {@code v2} or {@code v3}. */
    record Format(GnosticMessages messages, String asked, String named) {
        static final Format V2 = of(GnosticMessages.V2, "v2");
        static final Format V3 = of(GnosticMessages.V3, "v3");

        private static Format of(GnosticMessages messages, String version) {
            String start = "application/com.github.proto-openapi.spec." + version;
            return new Format(messages, start + "@v1.0+protobuf", start + ".v1.0+protobuf");
        }

        List<String> offered() {
            return List.of(JSON, asked, named);
        }
    }

    Document(ObjectNode document, Format format) {
        this.json = Json.encode(document);
        this.hash = Digests.hex(json);
        this.messages = format.messages();
        this.format = format;
    }

    /** The same document, of v2, with others added to it. */
    Document with(List<ObjectNode> others) {
        ObjectNode all = Json.parseObject(json);
        SwaggerMerge merge = new SwaggerMerge(all);
        others.forEach(merge::add);
        return new Document(all, format);
    }

    /** Makes sure that it can be written in every format; whatever is thrown says that it cannot. */
    void check() {
        var _ = protobuf();
    }

    /** By which one edition of the document is known from another. */
    String hash() {
        return hash;
    }

    private byte[] protobuf() {
        byte[] made = protobuf;
        if (made == null) {
            made = GnosticWriter.write(messages, Json.parseObject(json));
            protobuf = made;
        }
        return made;
    }

    /**
     * The document in the format that the client prefers; 304 if it has it already.
     *
     * @param headers that the answer has besides
     * @throws ApiException NotAcceptable
     */
    ApiResponse answer(ApiRequest request, Map<String, String> headers) {
        String type = MediaTypes.choose(request, format.offered());
        boolean asJson = type.equals(JSON);
        String tag = '"' + hash + '"';
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Content-Type", asJson ? JSON : format.named());
        all.put("Etag", tag);
        all.put("Vary", "Accept");
        if (matches(request, tag)) {
            return new ApiResponse.Whole(304, all, List.of());
        }
        return new ApiResponse.Whole(200, all, List.of(ByteBuffer.wrap(asJson ? json : protobuf())));
    }

    private static boolean matches(ApiRequest request, String tag) {
        for (String field : request.headers().all("If-None-Match")) {
            for (String one : field.split(",", 100)) {
                String bare = one.trim();
                if (bare.equals("*") || bare.equals(tag) || bare.equals("W/" + tag)) {
                    return true;
                }
            }
        }
        return false;
    }
}
