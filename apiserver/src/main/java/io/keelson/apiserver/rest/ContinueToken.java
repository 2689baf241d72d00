package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a page of a list ended, in the form that the API server gives to clients and takes from them.
 *
 * @param revision at which the list is read; -1 for one that goes on with what there is now
 * @param after the key behind which the next page begins, without what all keys of the list begin with: the prefix of the
 *     resource, and the namespace if it is a list of one
 */
record ContinueToken(long revision, String after) {
    private static final String VERSION = "meta.k8s.io/v1";

    String encode() {
        ObjectNode token = Json.object().put("v", VERSION).put("rv", revision).put("start", after + "\0");
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.encode(token));
    }

    /** @throws ApiException BadRequest if it is none */
    static ContinueToken decode(String text) {
        try {
            ObjectNode token =
                    Json.parseObject(Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.US_ASCII)));
            if (!token.path("v").asText().equals(VERSION)) {
                throw notValid("server does not recognize this encoded version \""
                        + token.path("v").asText() + "\"");
            }
            long revision = token.path("rv").asLong();
            if (revision == 0) {
                throw notValid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
            }
            String start = token.path("start").asText();
            if (start.isEmpty()) {
                throw notValid("encoded start key empty (version meta.k8s.io/v1)");
            }
            if (start.startsWith("/") || start.contains("../")) {
                throw notValid(start);
            }
            return new ContinueToken(revision, start.endsWith("\0") ? start.substring(0, start.length() - 1) : start);
        } catch (IllegalArgumentException | MalformedException e) {
            throw notValid(String.valueOf(e.getMessage()));
        }
    }

    private static ApiException notValid(String why) {
        return ApiException.badRequest("continue key is not valid: " + why);
    }
}
