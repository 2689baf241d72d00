package io.keelson.apiserver.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.RequestInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The object in an answer, whatever format it was encoded in for the client. Looked into only as far as somebody asks. */
final class AnsweredObject {
    /** A Status has a few hundred bytes; what is larger is something else. */
    private static final int STATUS_BYTES_MAX = 64 << 10;

    private final ApiResponse.Whole whole;
    private final boolean object;
    private final String type;

    private AnsweredObject(ApiResponse.Whole whole, boolean object, String type) {
        this.whole = whole;
        this.object = object;
        this.type = type;
    }

    static AnsweredObject of(ApiResponse.Whole whole, RequestInfo info) {
        String path = info.path();
        boolean object = info.resourceRequest() || isBelow(path, "/api") || isBelow(path, "/apis");
        String type = "";
        for (Map.Entry<String, String> header : whole.headers().entrySet()) {
            if (header.getKey().equalsIgnoreCase("Content-Type")) {
                type = header.getValue();
            }
        }
        return new AnsweredObject(whole, object, type);
    }

    private static boolean isBelow(String path, String root) {
        return path.equals(root) || path.startsWith(root + "/");
    }

    private boolean isJson() {
        return type.startsWith("application/json");
    }

    boolean isTooLarge() {
        return object && whole.sizeBytes() > AuditRecord.OBJECT_BYTES_MAX;
    }

    /** The Status that was answered; null if something else was. */
    @Nullable
    ObjectNode status() {
        if (!object || whole.sizeBytes() > STATUS_BYTES_MAX) {
            return null;
        }
        byte[] body = bytes();
        String begin = new String(body, 0, Math.min(body.length, 64), StandardCharsets.ISO_8859_1);
        if (!begin.contains("Status")) {
            return null;
        }
        ObjectNode tree = tree(body);
        return tree != null
                        && ObjectMeta.kind(tree).equals("Status")
                        && ObjectMeta.apiVersion(tree).equals("v1")
                ? tree
                : null;
    }

    /**
     * The object in JSON; null if there is none, or it is too large.
     *
     * @param change what is to be done to it before it is encoded; null for nothing
     */
    byte @Nullable [] json(@Nullable UnaryOperator<ObjectNode> change) {
        if (!object || isTooLarge()) {
            return null;
        }
        byte[] body = bytes();
        if (isJson() && change == null) {
            return isObject(body) ? oneLine(body) : null;
        }
        ObjectNode tree = tree(body);
        return tree == null ? null : Json.encode(change == null ? tree : change.apply(tree));
    }

    private static boolean isObject(byte[] body) {
        return body.length > 1 && body[0] == '{';
    }

    /** An event is a line: what was made pretty for the client is not. */
    private static byte @Nullable [] oneLine(byte[] body) {
        int end = body.length;
        while (end > 0 && (body[end - 1] == '\n' || body[end - 1] == ' ')) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (body[i] == '\n') {
                return Json.encode(Json.parse(body));
            }
        }
        return end == body.length ? body : Arrays.copyOf(body, end);
    }

    private @Nullable ObjectNode tree(byte[] body) {
        try {
            if (isJson()) {
                return Json.parseObject(body);
            }
            if (type.startsWith(KubernetesProtobuf.MEDIA_TYPE) && KubernetesProtobuf.isProtobuf(body)) {
                return KubernetesProtobuf.decode(body);
            }
            return type.startsWith("application/yaml") ? Yaml.parseObject(body, new ArrayList<>()) : null;
        } catch (MalformedException e) {
            return null;
        }
    }

    private byte[] bytes() {
        byte[] all = new byte[(int) whole.sizeBytes()];
        int at = 0;
        for (ByteBuffer part : whole.parts()) {
            int length = part.remaining();
            part.duplicate().get(all, at, length);
            at += length;
        }
        return all;
    }
}
