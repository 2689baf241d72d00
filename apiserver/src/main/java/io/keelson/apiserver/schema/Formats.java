package io.keelson.apiserver.schema;

import com.google.re2j.Pattern;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.Names;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The formats of text that the schema of a custom kind may demand. Formats that are unknown, or do not go with the type,
 * demand nothing.
 */
final class Formats {
    private static final Map<String, Predicate<String>> FORMATS = new HashMap<>();

    /** Known to the original, which does not look at texts of it. */
    private static final String QUANTITY = "quantity";

    static {
        String hex = "[0-9a-fA-F]";
        FORMATS.put("bsonobjectid", matching(hex + "{24}"));
        FORMATS.put("uri", Formats::isUri);
        FORMATS.put("email", Formats::isEmail);
        FORMATS.put("hostname", Formats::isHostname);
        FORMATS.put("ipv4", Addresses::isIpv4);
        FORMATS.put("ipv6", Addresses::isIpv6);
        FORMATS.put("cidr", Addresses::isCidr);
        FORMATS.put("mac", Addresses::isMac);
        FORMATS.put("uuid", matching(hex + "{8}-?" + hex + "{4}-?" + hex + "{4}-?" + hex + "{4}-?" + hex + "{12}"));
        FORMATS.put("uuid3", matching(hex + "{8}-?" + hex + "{4}-?3" + hex + "{3}-?" + hex + "{4}-?" + hex + "{12}"));
        for (String version : new String[] {"4", "5"}) {
            FORMATS.put(
                    "uuid" + version,
                    matching(hex + "{8}-?" + hex + "{4}-?" + version + hex + "{3}-?[89abAB]" + hex + "{3}-?" + hex
                            + "{12}"));
        }
        FORMATS.put("isbn10", Formats::isIsbn10);
        FORMATS.put("isbn13", Formats::isIsbn13);
        FORMATS.put("isbn", text -> isIsbn10(text) || isIsbn13(text));
        FORMATS.put("creditcard", Formats::isCreditCard);
        FORMATS.put("ssn", matching("\\d{3}[- ]?\\d{2}[- ]?\\d{4}"));
        FORMATS.put("hexcolor", matching("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"));
        String part = "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*";
        FORMATS.put("rgbcolor", matching("rgb\\(" + part + "," + part + "," + part + "\\)"));
        FORMATS.put(
                "byte",
                matching("(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=|[A-Za-z0-9+\\/]{4})"));
        FORMATS.put("password", text -> true);
        FORMATS.put("date", Formats::isDate);
        FORMATS.put("datetime", Formats::isDateTime);
        FORMATS.put("duration", Formats::isDuration);
        FORMATS.put("k8sshortname", text -> Names.dnsLabel(text).isEmpty());
        FORMATS.put("k8slongname", text -> Names.dnsSubdomain(text).isEmpty());
    }

    private static final Pattern HOSTNAME = Pattern.compile(
            "^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]"
                    + "{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$");
    private static final Pattern CREDIT_CARD = Pattern.compile(
            "^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|"
                    + "6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\\d{3})"
                    + "\\d{11}|6[27][0-9]{14})$");
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$");
    private static final Pattern SPAN = Pattern.compile(
            "(\\d+)\\s*(ns|nano[a-zµ]*|us|µs|micro[a-zµ]*|ms|milli[a-zµ]*|sec[a-zµ]*|s|min[a-zµ]*|m|hr|hour[a-zµ]*|h|"
                    + "day[a-zµ]*|d|wk|week[a-zµ]*|w)([^a-zµ]|$)");
    private static final Pattern ADDRESS = Pattern.compile(
            "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[^\\s@<>()\\[\\],;:\"\\\\]+$");

    private Formats() {}

    private static Predicate<String> matching(String form) {
        Pattern pattern = Pattern.compile("^(?:" + form + ")$");
        return text -> pattern.matcher(text).find();
    }

    /** The format that counts at a place, as it is stated; empty if none does. */
    static String effective(Schema schema) {
        String format = schema.format();
        if (format.isEmpty() || schema.intOrString()) {
            return "";
        }
        boolean counts = switch (schema.type()) {
            case STRING, ANY -> FORMATS.containsKey(normal(format));
            case INTEGER -> format.equals("int32") || format.equals("int64");
            case NUMBER -> format.equals("float") || format.equals("double");
            default -> false;
        };
        return counts ? format : "";
    }

    /** Whether text has a format; it has every one that is none of text. */
    static boolean matches(String format, String text) {
        Predicate<String> check = FORMATS.get(normal(format));
        return check == null || check.test(text);
    }

    /** Whether a format of text is known by its name, be it only as one that demands nothing. */
    static boolean isRecognized(String format) {
        String normal = normal(format);
        return FORMATS.containsKey(normal) || normal.equals(QUANTITY);
    }

    private static String normal(String format) {
        return format.replace("-", "");
    }

    private static boolean isUri(String text) {
        if (text.isEmpty() || text.chars().anyMatch(character -> character <= 0x20 || character == 0x7f)) {
            return false;
        }
        if (text.startsWith("/")) {
            return true;
        }
        try {
            return new URI(text).isAbsolute();
        } catch (URISyntaxException e) {
            // Stricter about characters than the original, which takes them as they are behind the scheme.
            return text.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:[^%]*");
        }
    }

    /** A bare address, or a name and an address in angle brackets. */
    private static boolean isEmail(String text) {
        String address = text.strip();
        int open = address.lastIndexOf('<');
        if (open >= 0 && address.endsWith(">")) {
            address = address.substring(open + 1, address.length() - 1);
        }
        return ADDRESS.matcher(address).find();
    }

    private static boolean isHostname(String text) {
        if (text.length() > 255 || !HOSTNAME.matcher(text).find()) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (label.length() > 63) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIsbn10(String text) {
        String digits = text.replaceAll("[\\s-]+", "");
        if (!digits.matches("[0-9]{9}[0-9X]")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += (i + 1) * (digits.charAt(i) == 'X' ? 10 : digits.charAt(i) - '0');
        }
        return sum % 11 == 0;
    }

    private static boolean isIsbn13(String text) {
        String digits = text.replaceAll("[\\s-]+", "");
        if (!digits.matches("[0-9]{13}")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 13; i++) {
            sum += (i % 2 == 0 ? 1 : 3) * (digits.charAt(i) - '0');
        }
        return sum % 10 == 0;
    }

    private static boolean isCreditCard(String text) {
        String digits = text.replaceAll("[^0-9]+", "");
        if (!CREDIT_CARD.matcher(digits).find()) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int counted = i % 2 == 1 ? digit * 2 : digit;
            sum += counted > 9 ? counted - 9 : counted;
        }
        return sum % 10 == 0;
    }

    private static boolean isDate(String text) {
        try {
            if (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
                LocalDate.parse(text);
                return true;
            }
            return false;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int separator = lower.indexOf('t');
        if (text.length() < 4 || separator < 0 || !isDate(lower.substring(0, separator))) {
            return false;
        }
        String time = lower.substring(separator + 1);
        int end = time.indexOf('t');
        time = end < 0 ? time : time.substring(0, end);
        return TIME_OF_DAY.matcher(time).find()
                && time.substring(0, 2).compareTo("23") <= 0
                && time.substring(3, 5).compareTo("59") <= 0
                && time.substring(6, 8).compareTo("59") <= 0;
    }

    private static boolean isDuration(String text) {
        try {
            Durations.parse(text);
            return true;
        } catch (MalformedException e) {
            return SPAN.matcher(text.toLowerCase(Locale.ROOT)).find();
        }
    }
}
