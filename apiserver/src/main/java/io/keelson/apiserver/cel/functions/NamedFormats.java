package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.validation.Names;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The formats that texts of the API have: {@code format.dns1123Label().validate("my-name")}. */
public final class NamedFormats {
    private static final OpaqueType FORMAT = OpaqueType.create("kubernetes.NamedFormat");

    private static final Pattern UUID = Pattern.compile(
            "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

    /** @param check says what is wrong; nothing if a text has the format */
    private record Format(String name, Function<String, List<String>> check) {}

    private static final Map<String, Format> FORMATS = new LinkedHashMap<>();

    static {
        // What begins a generated name may end in a dash
        UnaryOperator<String> prefix = text -> text.endsWith("-") ? text.substring(0, text.length() - 1) + "a" : text;
        add("dns1123Label", Names::dnsLabel);
        add("dns1123Subdomain", Names::dnsSubdomain);
        add("dns1035Label", Names::dnsLabel1035);
        add("qualifiedName", Names::qualifiedName);
        add("dns1123LabelPrefix", text -> Names.dnsLabel(prefix.apply(text)));
        add("dns1123SubdomainPrefix", text -> Names.dnsSubdomain(prefix.apply(text)));
        add("dns1035LabelPrefix", text -> Names.dnsLabel1035(prefix.apply(text)));
        add("labelValue", Names::labelValue);
        add("uri", NamedFormats::uri);
        add("uuid", text -> UUID.matcher(text).matches() ? List.of() : List.of("does not match the UUID format"));
        add("byte", text -> isBase64(text) ? List.of() : List.of("invalid base64"));
        add("date", text -> isDate(text) ? List.of() : List.of("invalid date"));
        add("datetime", text -> isTime(text) ? List.of() : List.of("invalid datetime"));
    }

    private NamedFormats() {}

    private static void add(String name, Function<String, List<String>> check) {
        FORMATS.put(name, new Format(name, check));
    }

    public static FunctionSet set() {
        FunctionSet set = new FunctionSet()
                .type(FORMAT, Format.class)
                .global(
                        "format.named",
                        "format-named",
                        Cost.ONE,
                        given -> Optional.ofNullable(FORMATS.get((String) given[0])),
                        OptionalType.create(FORMAT),
                        STRING)
                .member(
                        "validate",
                        "format-validate",
                        given -> 1 + 30 * Cost.walk(given[1]),
                        given -> validate((Format) given[0], (String) given[1]),
                        OptionalType.create(ListType.create(STRING)),
                        FORMAT,
                        STRING);
        FORMATS.forEach(
                (name, format) -> set.global("format." + name, "format." + name, Cost.ONE, given -> format, FORMAT));
        return set;
    }

    private static Object validate(Format format, String text) {
        List<String> wrong = format.check().apply(text);
        return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong);
    }

    private static List<String> uri(String text) {
        try {
            Url.parse(text);
            return List.of();
        } catch (FunctionFailure e) {
            return List.of(e.getMessage().replaceFirst("\\AURL parse error during conversion from string: ", ""));
        }
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return text.length() % 4 == 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isDate(String text) {
        try {
            return LocalDate.parse(text).getYear() <= 9_999;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isTime(String text) {
        try {
            Timestamps.parse(text);
            return true;
        } catch (MalformedException e) {
            return false;
        }
    }
}
