package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import org.jspecify.annotations.Nullable;

/** Values of queries that are no text. */
public final class QueryValues {
    private QueryValues() {}

    /** Null if the name is not there; true unless the value is {@code false} or {@code 0}. */
    static @Nullable Boolean optionalFlag(Query query, String name) {
        return query.first(name) == null ? null : (Boolean) query.flag(name);
    }

    /**
     * Null if the name is not there.
     *
     * @throws ApiException BadRequest if the value is no integer of 64 bits
     */
    public static @Nullable Long optionalLong(Query query, String name) {
        String text = query.first(name);
        if (text == null) {
            return null;
        }
        boolean signed = text.startsWith("-") || text.startsWith("+");
        boolean digits = text.length() > (signed ? 1 : 0);
        for (int i = signed ? 1 : 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        try {
            if (digits) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            throw ApiException.badRequest("strconv.ParseInt: parsing " + quoted(text) + ": value out of range");
        }
        throw ApiException.badRequest("strconv.ParseInt: parsing " + quoted(text) + ": invalid syntax");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
