package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What ConfigMaps and Secrets have in common: entries under keys, of limited size, that may be fixed for ever. */
final class Entries {
    static final int BYTES_MAX = 1024 * 1024;

    private Entries() {}

    static void key(Place entry) {
        for (String wrong : Names.configKey(entry.key())) {
            entry.invalid(entry.key(), wrong);
        }
    }

    static long utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** How many bytes a value in base64 stands for; complains if it is none. */
    static long decodedBytes(Place entry) {
        try {
            return Base64.getDecoder().decode(entry.text()).length;
        } catch (IllegalArgumentException e) {
            entry.invalid("<contents redacted>", "illegal base64 data");
            return 0;
        }
    }

    /** Once it is immutable, it stays so, and its entries stay what they are. */
    static void immutable(Place whole, JsonNode old, String... maps) {
        String wrong = "field is immutable when `immutable` is set";
        if (!old.path("immutable").asBoolean()) {
            return;
        }
        if (!whole.at("immutable").flag()) {
            whole.at("immutable").forbidden(wrong);
        }
        for (String map : maps) {
            if (!SemanticEquality.equal(whole.at(map).value(), old.path(map))) {
                whole.at(map).forbidden(wrong);
            }
        }
    }
}
