package io.keelson.apiserver.authn;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Keys of a user's extra values as they travel in names of header fields. */
final class HeaderNames {
    private HeaderNames() {}

    /** In lower case, percent-decoded; as it stands if that makes no sense. */
    static String extraKey(String encoded) {
        String lower = encoded.toLowerCase(Locale.ROOT);
        if (lower.indexOf('%') < 0) {
            return lower;
        }
        try {
            // A plus sign stands for itself in a path, which is how these keys are encoded
            return URLDecoder.decode(lower.replace("+", "%2b"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return lower;
        }
    }
}
