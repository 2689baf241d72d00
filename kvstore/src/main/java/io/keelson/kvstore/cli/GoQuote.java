package io.keelson.kvstore.cli;

import org.jspecify.annotations.Nullable;

/** Go's quoted strings: what {@code %q} prints and reads. Both sides hold one byte per character. */
final class GoQuote {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private GoQuote() {}

    static String quote(String bytes) {
        StringBuilder quoted = new StringBuilder(bytes.length() + 2).append('"');
        int at = 0;
        while (at < bytes.length()) {
            char first = bytes.charAt(at);
            if (first < 0x80) {
                appendAscii(quoted, first);
                at++;
                continue;
            }
            int length = Utf8.lengthAt(bytes, at);
            if (length == 0) {
                appendHex(quoted.append("\\x"), first, 2);
                at++;
                continue;
            }
            int codePoint = Utf8.codePointAt(bytes, at, length);
            if (isPrintable(codePoint)) {
                quoted.append(bytes, at, at + length);
            } else if (codePoint < 0x10000) {
                appendHex(quoted.append("\\u"), codePoint, 4);
            } else {
                appendHex(quoted.append("\\U"), codePoint, 8);
            }
            at += length;
        }
        return quoted.append('"').toString();
    }

    private static void appendAscii(StringBuilder quoted, char c) {
        switch (c) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case 0x07 -> quoted.append("\\a");
            case '\b' -> quoted.append("\\b");
            case '\f' -> quoted.append("\\f");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            case 0x0b -> quoted.append("\\v");
            default -> {
                if (c < 0x20 || c == 0x7f) {
                    appendHex(quoted.append("\\x"), c, 2);
                } else {
                    quoted.append(c);
                }
            }
        }
    }

    /** Letters, marks, numbers, punctuation and symbols; of the spaces only the ASCII one. */
    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UNASSIGNED,
                    Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static void appendHex(StringBuilder to, int value, int digits) {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            to.append(HEX[(value >>> shift) & 0xf]);
        }
    }

    /** The bytes of a literal in double quotes or back quotes; null when it is not one. */
    static @Nullable String unquote(String literal) {
        int last = literal.length() - 1;
        if (last < 1 || literal.charAt(0) != literal.charAt(last)) {
            return null;
        }
        String inner = literal.substring(1, last);
        if (literal.charAt(0) == '`') {
            return inner.indexOf('`') >= 0 ? null : inner.replace("\r", "");
        }
        if (literal.charAt(0) != '"' || inner.indexOf('\n') >= 0) {
            return null;
        }
        StringBuilder bytes = new StringBuilder();
        int at = 0;
        while (at < inner.length()) {
            char c = inner.charAt(at);
            if (c == '"') {
                return null;
            }
            if (c != '\\') {
                bytes.append(c);
                at++;
                continue;
            }
            int taken = unescape(inner, at, bytes);
            if (taken == 0) {
                return null;
            }
            at += taken;
        }
        return bytes.toString();
    }

    /** Appends what the escape at this position means; how many characters it has, 0 when it is none. */
    private static int unescape(String text, int at, StringBuilder bytes) {
        if (at + 1 >= text.length()) {
            return 0;
        }
        char c = text.charAt(at + 1);
        switch (c) {
            case 'a' -> bytes.append((char) 0x07);
            case 'b' -> bytes.append('\b');
            case 'f' -> bytes.append('\f');
            case 'n' -> bytes.append('\n');
            case 'r' -> bytes.append('\r');
            case 't' -> bytes.append('\t');
            case 'v' -> bytes.append((char) 0x0b);
            case '\\', '"' -> bytes.append(c);
            case 'x' -> {
                return number(text, at + 2, 2, 16, false, bytes);
            }
            case 'u' -> {
                return number(text, at + 2, 4, 16, true, bytes);
            }
            case 'U' -> {
                return number(text, at + 2, 8, 16, true, bytes);
            }
            default -> {
                return c >= '0' && c <= '7' ? number(text, at + 1, 3, 8, false, bytes) : 0;
            }
        }
        return 2;
    }

    private static int number(String text, int from, int digits, int radix, boolean codePoint, StringBuilder bytes) {
        if (from + digits > text.length()) {
            return 0;
        }
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = Character.digit(text.charAt(i), radix);
            if (digit < 0) {
                return 0;
            }
            value = value * radix + digit;
        }
        if (codePoint) {
            if (value > Character.MAX_CODE_POINT || (value >= 0xd800 && value < 0xe000)) {
                return 0;
            }
            bytes.append(ByteText.ofText(Character.toString((int) value)));
        } else {
            if (value > 0xff) {
                return 0;
            }
            bytes.append((char) value);
        }
        return radix == 8 ? digits + 1 : digits + 2;
    }
}
