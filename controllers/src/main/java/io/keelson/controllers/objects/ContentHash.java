package io.keelson.controllers.objects;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A short name for content, as in {@code pod-template-hash}: 32 bits of FNV-1a over its JSON with sorted keys, as a decimal
 * number whose digits are written with letters and digits that make no words. It is not the number that a Go process would
 * come to for the same content: who looks for an object of the same content compares contents, not names.
 */
public final class ContentHash {
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private ContentHash() {}

    /**
     * The name of content.
     *
     * @param collisions how many times the name turned out to be another content's; null for none
     */
    public static String of(Object content, @Nullable Integer collisions) {
        int hash = 0x811c9dc5;
        for (byte one : json(content)) {
            hash = (hash ^ (one & 0xff)) * 0x01000193;
        }
        if (collisions != null) {
            for (int shift = 0; shift < 32; shift += 8) {
                hash = (hash ^ ((collisions >> shift) & 0xff)) * 0x01000193;
            }
        }
        StringBuilder name = new StringBuilder();
        for (char digit : Integer.toUnsignedString(hash).toCharArray()) {
            name.append(LETTERS.charAt(digit % LETTERS.length()));
        }
        return name.toString();
    }

    private static byte[] json(Object content) {
        try {
            return JSON.writeValueAsString(content).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON can be made of it", e);
        }
    }
}
