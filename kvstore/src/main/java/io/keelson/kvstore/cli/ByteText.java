package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Between strings that hold one byte per character, protobuf's bytes, and real text. */
final class ByteText {
    private ByteText() {}

    static ByteString bytes(String byteText) {
        return ByteString.copyFrom(byteText, ISO_8859_1);
    }

    static String of(ByteString bytes) {
        return bytes.toString(ISO_8859_1);
    }

    /** From text that may hold any character, as its UTF-8 bytes. */
    static String ofText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return new String(text.getBytes(UTF_8), ISO_8859_1);
            }
        }
        return text;
    }

    /** To text, for file names and for fields that hold text. */
    static String toText(String byteText) {
        return new String(byteText.getBytes(ISO_8859_1), UTF_8);
    }

    /** Splits at every separator, keeping empty parts; the empty string is one empty part. */
    static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }
}
