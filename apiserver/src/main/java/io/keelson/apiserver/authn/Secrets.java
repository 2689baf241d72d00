package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Values in Secrets. */
final class Secrets {
    private Secrets() {}

    /** A value as text; empty if it is not there or no base64. */
    static String text(JsonNode secret, String key) {
        try {
            return new String(
                    Base64.getDecoder().decode(secret.path("data").path(key).asText()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
