package io.keelson.kvstore.cli;

/** Ranges of keys: the ends that prefixes stand for, and how they are shown. Strings hold one byte per character. */
final class KeyRanges {
    /** The end of a range without one. */
    static final String OPEN = "\0";

    /** The smallest key. */
    static final String FIRST = "\0";

    private KeyRanges() {}

    /** The end of the range of all keys with this prefix: the least key after them, open when there is none. */
    static String prefixEnd(String prefix) {
        for (int i = prefix.length() - 1; i >= 0; i--) {
            if (prefix.charAt(i) < 0xff) {
                return prefix.substring(0, i) + (char) (prefix.charAt(i) + 1);
            }
        }
        return OPEN;
    }

    /** A range as people are shown it. */
    static String shown(String key, String end) {
        return "[" + key + ", " + (end.equals(OPEN) ? "<open ended>" : end + ")");
    }
}
