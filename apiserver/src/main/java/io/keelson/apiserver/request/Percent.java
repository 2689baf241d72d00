package io.keelson.apiserver.request;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent escapes in URLs. */
final class Percent {
    private Percent() {}

    /**
     * The text without escapes, read as UTF-8; null if an escape is broken.
     *
     * @param plusIsSpace as in queries
     */
    static @Nullable String decode(String text, boolean plusIsSpace) {
        if (text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0) && isAscii(text)) {
            return text;
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < encoded.length; i++) {
            byte next = encoded[i];
            if (next == '%') {
                if (i + 2 >= encoded.length) {
                    return null;
                }
                int high = Character.digit(encoded[i + 1], 16);
                int low = Character.digit(encoded[i + 2], 16);
                if (high < 0 || low < 0) {
                    return null;
                }
                next = (byte) (high << 4 | low);
                i += 2;
            } else if (next == '+' && plusIsSpace) {
                next = ' ';
            }
            encoded[length++] = next;
        }
        return new String(encoded, 0, length, StandardCharsets.UTF_8);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7f) {
                return false;
            }
        }
        return true;
    }
}
