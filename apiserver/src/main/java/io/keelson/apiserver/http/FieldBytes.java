package io.keelson.apiserver.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** Values of header fields as bytes of UTF-8, which is what clients of the API send and read. */
final class FieldBytes {
    private FieldBytes() {}

    static String decode(CharSequence value) {
        if (value instanceof AsciiString bytes) {
            return new String(bytes.array(), bytes.arrayOffset(), bytes.length(), StandardCharsets.UTF_8);
        }
        return value.toString();
    }

    static CharSequence encode(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) > 0x7f) {
                return new AsciiString(value.getBytes(StandardCharsets.UTF_8), false);
            }
        }
        return value;
    }
}
