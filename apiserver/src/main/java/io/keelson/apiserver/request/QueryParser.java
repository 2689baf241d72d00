package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the query of a URL as the API does: pairs between {@code &}, {@code +} for a space, percent escapes. A pair with
 * a broken escape or with a semicolon is left out, not refused.
 */
public final class QueryParser {
    /** More pairs than any client has reason to send. */
    public static final int PAIRS_MAX = 10_000;

    private QueryParser() {}

    /**
     * @param raw what follows the question mark
     * @throws ApiException BadRequest for more than {@link #PAIRS_MAX} pairs
     */
    public static Query parse(String raw) {
        if (raw.isEmpty()) {
            return Query.NONE;
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        int pairs = 0;
        for (int start = 0; start <= raw.length(); ) {
            int end = raw.indexOf('&', start);
            if (end < 0) {
                end = raw.length();
            }
            if (end > start) {
                if (++pairs > PAIRS_MAX) {
                    throw ApiException.badRequest("the query has more than " + PAIRS_MAX + " parameters");
                }
                add(values, raw.substring(start, end));
            }
            start = end + 1;
        }
        return new Query(raw, values);
    }

    private static void add(Map<String, List<String>> values, String pair) {
        if (pair.indexOf(';') >= 0) {
            return;
        }
        int equals = pair.indexOf('=');
        String name = Percent.decode(equals < 0 ? pair : pair.substring(0, equals), true);
        @Nullable String value = equals < 0 ? "" : Percent.decode(pair.substring(equals + 1), true);
        if (name != null && value != null) {
            values.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
        }
    }
}
