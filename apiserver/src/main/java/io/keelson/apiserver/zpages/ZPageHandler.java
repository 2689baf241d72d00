package io.keelson.apiserver.zpages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Answers one z-page: with text, or with an object of {@code config.k8s.io}, as JSON or YAML, for clients that ask for it by
 * its group, version and kind.
 */
public final class ZPageHandler implements Handler {
    private static final String COMPONENT = "kube-apiserver";
    private static final String GROUP = "config.k8s.io";
    private static final String DEPRECATED = "v1alpha1";
    private static final List<String> VERSIONS = List.of("v1beta1", DEPRECATED);

    /** None of them without a kind. */
    private static final MediaTypes FORMATS = new MediaTypes(List.of(MediaType.JSON, MediaType.YAML), List.of());

    private static final String WARNING = "\nWarning: This endpoint is not meant to be machine parseable, has no"
            + " formatting compatibility guarantees and is for debugging purposes only.\n";

    private final ZPage page;
    private final String name;

    public ZPageHandler(ZPage page) {
        this.page = page;
        this.name = page.kind().toLowerCase(Locale.ROOT);
    }

    /** Where it is. */
    public String path() {
        return "/" + name;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        if (!request.info().path().equals(path())) {
            throw ApiException.noSuchResource();
        }
        Negotiated agreed = FORMATS.answerUnlessPlainText(request, this::isThere);
        GroupVersionKind kind = agreed == null ? null : agreed.as();
        if (agreed == null || kind == null) {
            String text = "\n" + COMPONENT + " " + name + WARNING + page.text();
            return ApiResponse.of(200, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }
        String type = agreed.type().text() + ";g=" + kind.group() + ";v=" + kind.version() + ";as=" + kind.kind();
        if (kind.version().equals(DEPRECATED)) {
            request.warn("This version of the " + name + " endpoint is deprecated. Please use a newer version.");
        }
        return ApiResponse.of(200, type, encoded(agreed, object(kind)));
    }

    private boolean isThere(GroupVersionKind kind) {
        return kind.group().equals(GROUP)
                && VERSIONS.contains(kind.version())
                && kind.kind().equals(page.kind());
    }

    private ObjectNode object(GroupVersionKind kind) {
        ObjectNode object = Json.object();
        object.put("kind", kind.kind());
        object.put("apiVersion", kind.group() + "/" + kind.version());
        object.putObject("metadata").put("name", COMPONENT);
        page.fill(object);
        return object;
    }

    private static byte[] encoded(Negotiated agreed, ObjectNode object) {
        if (agreed.type() == MediaType.YAML) {
            return Yaml.encode(object);
        }
        return agreed.pretty() ? Json.encodePretty(object) : Json.encode(object);
    }
}
