package io.keelson.apiserver.cache;

/**
 * The order of keys in the store: by the bytes of UTF-8, which is by code points. Strings compare by UTF-16 units, which
 * puts characters beyond the basic plane before some within it; so these are moved behind.
 */
final class KeyOrder {
    private KeyOrder() {}

    static int compare(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                return rank(a) - rank(b);
            }
        }
        return left.length() - right.length();
    }

    private static int rank(char unit) {
        return Character.isSurrogate(unit) ? unit + 0x1_0000 : unit;
    }
}
