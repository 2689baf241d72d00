package io.keelson.kvstore.cli;

/** UTF-8 in strings that hold one byte per character. */
final class Utf8 {
    private Utf8() {}

    /** How many bytes the character that starts here has; 0 when none does. */
    static int lengthAt(String bytes, int at) {
        int first = bytes.charAt(at);
        if (first < 0x80) {
            return 1;
        }
        int length = first >= 0xc2 && first < 0xe0
                ? 2
                : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > bytes.length()) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes.charAt(at + i) & 0xc0) != 0x80) {
                return 0;
            }
        }
        int codePoint = codePointAt(bytes, at, length);
        boolean shortest = length == 2 || (length == 3 && codePoint >= 0x800) || (length == 4 && codePoint >= 0x10000);
        boolean allowed = codePoint <= Character.MAX_CODE_POINT && (codePoint < 0xd800 || codePoint > 0xdfff);
        return shortest && allowed ? length : 0;
    }

    /** The character of this many bytes. */
    static int codePointAt(String bytes, int at, int length) {
        int first = bytes.charAt(at);
        if (length == 1) {
            return first;
        }
        int codePoint = first & (0xff >> (length + 1));
        for (int i = 1; i < length; i++) {
            codePoint = (codePoint << 6) | (bytes.charAt(at + i) & 0x3f);
        }
        return codePoint;
    }

    /** How many characters there are, counting a byte that is part of none as one. */
    static int count(String bytes) {
        int count = 0;
        for (int at = 0; at < bytes.length(); at += Math.max(1, lengthAt(bytes, at))) {
            count++;
        }
        return count;
    }
}
