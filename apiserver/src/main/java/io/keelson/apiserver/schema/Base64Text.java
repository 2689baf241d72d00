package io.keelson.apiserver.schema;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Bytes in objects: base64 of RFC 4648 with padding, in which line ends are passed over, as Go reads it. */
final class Base64Text {
    private Base64Text() {}

    /** What is wrong, in the words of Go's decoder; null if nothing is. */
    static @Nullable String wrong(String text) {
        int digits = 0;
        int padding = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '\n' || character == '\r') {
                continue;
            }
            if (character == '=') {
                padding++;
                boolean expected = (digits % 4 == 3 && padding == 1) || (digits % 4 == 2 && padding <= 2);
                if (!expected) {
                    return wrongAt(i);
                }
            } else if (!isDigit(character)) {
                return wrongAt(i);
            } else if (padding > 0) {
                return wrongAt(i);
            } else {
                digits++;
            }
        }
        return (digits + padding) % 4 == 0 ? null : wrongAt(text.length() - (digits + padding) % 4);
    }

    private static String wrongAt(int position) {
        return "illegal base64 data at input byte " + position;
    }

    private static boolean isDigit(char character) {
        return (character >= 'A' && character <= 'Z')
                || (character >= 'a' && character <= 'z')
                || (character >= '0' && character <= '9')
                || character == '+'
                || character == '/';
    }

    /** The same bytes as Go writes them; the text itself if it is fine. */
    static String canonical(String text) {
        if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0 && !text.endsWith("=")) {
            return text;
        }
        byte[] bytes = Base64.getMimeDecoder().decode(text);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
