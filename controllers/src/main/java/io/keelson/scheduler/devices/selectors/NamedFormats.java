package io.keelson.scheduler.devices.selectors;

import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The formats that texts of the API have: {@code format.dns1123Label().validate("my-name")} gives what is wrong, if anything
 * is.
 */
final class NamedFormats {
    private static final OpaqueType FORMAT = OpaqueType.create("kubernetes.NamedFormat");
    private static final int LABEL_MAX = 63;
    private static final int SUBDOMAIN_MAX = 253;
    private static final int YEAR_MAX = 9_999;
    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String WRONG_SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case"
            + " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    private static final String WRONG_KEY = "must consist of alphanumeric characters, '-', '_' or '.', and must start"
            + " and end with an alphanumeric character";

    private static final Check DNS_LABEL = form(
            LABEL,
            LABEL_MAX,
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and"
                    + " end with an alphanumeric character");
    private static final Check DNS_SUBDOMAIN = form(SUBDOMAIN, SUBDOMAIN_MAX, WRONG_SUBDOMAIN);
    private static final Check DNS_LABEL_1035 = form(
            LABEL_1035,
            LABEL_MAX,
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                    + " character, and end with an alphanumeric character");

    private static final Map<String, Format> FORMATS = formats();

    private NamedFormats() {}

    /** Says what is wrong with a text; nothing if it has the format. */
    private interface Check extends Function<String, List<String>> {}

    private record Format(String name, Check check) {}

    private static Check form(String form, int most, String wrong) {
        Pattern pattern = Pattern.compile(form);
        return text -> {
            List<String> problems = new ArrayList<>();
            if (text.getBytes(StandardCharsets.UTF_8).length > most) {
                problems.add("must be no more than " + most + " characters");
            } else if (!pattern.matcher(text).matches()) {
                problems.add(wrong + " (regex used for validation is '" + form + "')");
            }
            return problems;
        };
    }

    private static Map<String, Format> formats() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("dns1123Label", DNS_LABEL);
        checks.put("dns1123Subdomain", DNS_SUBDOMAIN);
        checks.put("dns1035Label", DNS_LABEL_1035);
        checks.put("qualifiedName", NamedFormats::qualifiedName);
        checks.put("dns1123LabelPrefix", text -> DNS_LABEL.apply(completed(text)));
        checks.put("dns1123SubdomainPrefix", text -> DNS_SUBDOMAIN.apply(completed(text)));
        checks.put("dns1035LabelPrefix", text -> DNS_LABEL_1035.apply(completed(text)));
        checks.put(
                "labelValue",
                form(
                        "(" + KEY + ")?",
                        LABEL_MAX,
                        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
                                + " and must start and end with an alphanumeric character"));
        checks.put("uri", text -> read(text, Url::parse, null));
        checks.put(
                "uuid",
                text -> text.matches("(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
                        ? List.of()
                        : List.of("does not match the UUID format"));
        checks.put("byte", text -> read(text, NamedFormats::bytes, "invalid base64"));
        checks.put("date", text -> read(text, NamedFormats::date, "invalid date"));
        checks.put("datetime", text -> read(text, OffsetDateTime::parse, "invalid datetime"));
        Map<String, Format> formats = new LinkedHashMap<>();
        checks.forEach((name, check) -> formats.put(name, new Format(name, check)));
        return formats;
    }

    /** What begins a generated name may end in a dash. */
    private static String completed(String prefix) {
        return prefix.endsWith("-") ? prefix.substring(0, prefix.length() - 1) + 'a' : prefix;
    }

    private static List<String> qualifiedName(String text) {
        int slash = text.indexOf('/');
        List<String> problems = new ArrayList<>();
        if (slash >= 0) {
            DNS_SUBDOMAIN.apply(text.substring(0, slash)).forEach(each -> problems.add("prefix part " + each));
        }
        form(KEY, LABEL_MAX, WRONG_KEY)
                .apply(text.substring(slash + 1))
                .forEach(each -> problems.add("name part " + each));
        return problems;
    }

    private static byte[] bytes(String text) {
        if (text.length() % 4 != 0) {
            throw new IllegalArgumentException("what fills it up is missing");
        }
        return Base64.getDecoder().decode(text);
    }

    private static LocalDate date(String text) {
        LocalDate date = LocalDate.parse(text);
        if (date.getYear() > YEAR_MAX) {
            throw new IllegalArgumentException("the year is too large");
        }
        return date;
    }

    /** @param wrong null for what the reading itself says */
    private static List<String> read(String text, Function<String, ?> reading, @Nullable String wrong) {
        try {
            Object _ = reading.apply(text);
            return List.of();
        } catch (IllegalArgumentException | DateTimeException e) {
            return List.of(wrong == null ? String.valueOf(e.getMessage()) : wrong);
        }
    }

    static void addTo(FunctionTable table) {
        table.type(FORMAT, Format.class);
        table.global(
                "format.named",
                "format-named",
                OptionalType.create(FORMAT),
                given -> Optional.ofNullable(FORMATS.get((String) given[0])),
                SimpleType.STRING);
        table.member(
                "validate",
                "format-validate",
                OptionalType.create(ListType.create(SimpleType.STRING)),
                given -> validate((Format) given[0], (String) given[1]),
                FORMAT,
                SimpleType.STRING);
        FORMATS.forEach((name, format) -> table.global("format." + name, "format." + name, FORMAT, given -> format));
    }

    private static Object validate(Format format, String text) {
        List<String> problems = format.check().apply(text);
        return problems.isEmpty() ? Optional.empty() : Optional.of(problems);
    }
}
