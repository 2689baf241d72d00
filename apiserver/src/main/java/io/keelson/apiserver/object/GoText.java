package io.keelson.apiserver.object;

import java.math.BigDecimal;

/** Values as Go prints them, which shows in errors and in encoded objects. */
public final class GoText {
    private GoText() {}

    /**
     * The order of texts: by their bytes in UTF-8, which is by code points. Strings in Java compare by UTF-16 units, which
     * puts characters beyond the basic plane before some within it; so these are moved behind.
     */
    public static int compare(String left, String right) {
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

    /** In double quotes and with escapes, as {@code %q} writes it. */
    public static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(character -> append(out, character, '"'));
        return out.append('"').toString();
    }

    /** One character (a byte, taken for a code point) in single quotes, as Go's JSON parser names it. */
    static String quotedCharacter(int character) {
        StringBuilder out = new StringBuilder().append('\'');
        append(out, character, '\'');
        return out.append('\'').toString();
    }

    private static void append(StringBuilder out, int character, char quote) {
        switch (character) {
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case 7 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case 11 -> out.append("\\v");
            default -> {
                if (character == quote) {
                    out.append('\\').append(quote);
                } else if (isPrinted(character)) {
                    out.appendCodePoint(character);
                } else if (character < 0x80) {
                    out.append(String.format("\\x%02x", character));
                } else if (character < 0x10000) {
                    out.append(String.format("\\u%04x", character));
                } else {
                    out.append(String.format("\\U%08x", character));
                }
            }
        }
    }

    /** Whether Go counts a character as one that is printed; of all spaces it is only the usual one. */
    public static boolean isPrinted(int character) {
        return character == ' '
                || switch (Character.getType(character)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /**
     * A double as Go's JSON encoder writes it: the shortest digits that give it back, without an exponent from
     * 10<sup>−6</sup> to 10<sup>21</sup>.
     */
    public static String number(double number) {
        if (number == 0) {
            return 1 / number < 0 ? "-0" : "0";
        }
        double size = Math.abs(number);
        BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        if (size >= 1e-6 && size < 1e21) {
            return exact.toPlainString();
        }
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        StringBuilder out = new StringBuilder(number < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            out.append('.').append(digits, 1, digits.length());
        }
        return out.append('e')
                .append(exponent < 0 ? '-' : '+')
                .append(Math.abs(exponent))
                .toString();
    }

    /** A double as {@code %v} prints it: with an exponent from 10<sup>21</sup> on and below 10<sup>−4</sup>. */
    public static String general(double number) {
        double size = Math.abs(number);
        if (size != 0 && size < 1e-4 && size >= 1e-6) {
            BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
            String digits = exact.unscaledValue().abs().toString();
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            int exponent = exact.scale() - digits.length() + 1;
            return (number < 0 ? "-" : "") + digits.charAt(0) + fraction + "e-0" + exponent;
        }
        return number(number).replaceFirst("e-([0-9])$", "e-0$1");
    }
}
