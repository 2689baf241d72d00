package io.keelson.apiserver.http;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Warnings as values of the {@code Warning} field (RFC 7234, 5.5): {@code 299 - "text"}. The same text is sent once. If all
 * of them are more than {@link #CHARS_MAX} characters, each is cut to {@link #CHARS_MAX_EACH}, and those beyond the limit
 * are left out.
 */
final class WarningFields {
    private static final int CHARS_MAX = 4_096;
    private static final int CHARS_MAX_EACH = 256;

    private WarningFields() {}

    static List<String> of(List<String> warnings) {
        Set<String> texts;
        synchronized (warnings) { // The list is a synchronized one; this is how to walk through it.
            if (warnings.isEmpty()) {
                return List.of();
            }
            texts = new LinkedHashSet<>(warnings);
        }
        texts.remove("");
        long all = texts.stream().mapToLong(WarningFields::length).sum();
        boolean cut = all > CHARS_MAX;
        List<String> fields = new ArrayList<>(texts.size());
        int written = 0;
        for (String text : texts) {
            if (cut && written >= CHARS_MAX) {
                break;
            }
            String shown = cut && length(text) > CHARS_MAX_EACH
                    ? text.substring(0, text.offsetByCodePoints(0, CHARS_MAX_EACH))
                    : text;
            written += length(shown);
            fields.add("299 - " + quoted(shown));
        }
        return fields;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
