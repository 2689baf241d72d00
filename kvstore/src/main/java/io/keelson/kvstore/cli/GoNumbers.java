package io.keelson.kvstore.cli;

/** Numbers and booleans with the grammar and the error texts of Go's strconv. */
final class GoNumbers {
    private GoNumbers() {}

    static boolean parseBool(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw syntax("ParseBool", text);
        };
    }

    /** A signed 64-bit number; base 0 reads 0x, 0b, 0o and a leading 0 as the base, and lets _ separate digits. */
    static long parseInt(String text, int base) {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        long magnitude = magnitude("ParseInt", text, digits, base);
        if (magnitude < 0 && !(negative && magnitude == Long.MIN_VALUE)) {
            throw new IllegalArgumentException("strconv.ParseInt: parsing " + quoted(text) + ": value out of range");
        }
        return negative ? -magnitude : magnitude;
    }

    /** An unsigned 64-bit number. */
    static long parseUint(String text, int base) {
        return magnitude("ParseUint", text, text, base);
    }

    private static long magnitude(String function, String text, String digits, int base) {
        String rest = digits;
        int radix = base;
        boolean separated = false;
        if (base == 0) {
            radix = 10;
            if (rest.length() > 1 && rest.charAt(0) == '0') {
                char mark = Character.toLowerCase(rest.charAt(1));
                radix = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
                rest = rest.substring(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
            }
            separated = rest.indexOf('_') > 0 && !rest.endsWith("_") && !rest.contains("__");
            if (separated) {
                rest = rest.replace("_", "");
            }
        }
        if (rest.isEmpty() || !Character.isLetterOrDigit(rest.charAt(0))) {
            throw syntax(function, text);
        }
        for (int i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) >= 0x80 || Character.digit(rest.charAt(i), radix) < 0) {
                throw syntax(function, text);
            }
        }
        try {
            return Long.parseUnsignedLong(rest, radix);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "strconv." + function + ": parsing " + quoted(text) + ": value out of range", e);
        }
    }

    private static IllegalArgumentException syntax(String function, String text) {
        return new IllegalArgumentException("strconv." + function + ": parsing " + quoted(text) + ": invalid syntax");
    }

    private static String quoted(String text) {
        return GoQuote.quote(text);
    }

    /** Unsigned, in hexadecimal without leading zeros. */
    static String hex(long unsigned) {
        return Long.toHexString(unsigned);
    }

    /** Signed, in hexadecimal, filled with zeros to 16 characters including the sign: how lease ids are shown. */
    static String leaseHex(long lease) {
        String digits = Long.toHexString(Math.abs(lease));
        String sign = lease < 0 ? "-" : "";
        int zeros = 16 - digits.length() - sign.length();
        return sign + "0".repeat(Math.max(0, zeros)) + digits;
    }
}
