package io.keelson.apiserver.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What some texts and numbers in fields look like that are neither names nor addresses. */
public final class Formats {
    private static final String SEARCH_LABEL = "[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?";
    private static final String SEARCH_FORM = SEARCH_LABEL + "(\\." + SEARCH_LABEL + ")*";
    private static final Pattern SEARCH_DOMAIN = Pattern.compile(SEARCH_FORM);
    private static final String HTTP_PATH_FORM = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
    private static final Pattern HTTP_PATH = Pattern.compile(HTTP_PATH_FORM);

    private Formats() {}

    /** A user or group on Linux. */
    public static List<String> userId(long id) {
        return id >= 0 && id <= Integer.MAX_VALUE ? List.of() : List.of(Names.between(0, Integer.MAX_VALUE));
    }

    /** A DNS name in which underscores are allowed, as resolvers search for them. */
    public static List<String> searchDomain(String domain) {
        if (domain.length() > Names.SUBDOMAIN_BYTES_MAX) {
            return List.of("must be no more than " + Names.SUBDOMAIN_BYTES_MAX + " characters");
        }
        return SEARCH_DOMAIN.matcher(domain).matches()
                ? List.of()
                : List.of(
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.',"
                                + " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
                                + " validation is '" + SEARCH_FORM + "')");
    }

    /** A host with a path, {@code acme.io/foo}; complains by itself, because the parts are shown. */
    public static void domainPrefixedPath(Place place) {
        String text = place.text();
        if (text.isEmpty()) {
            place.required("");
            return;
        }
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1) {
            place.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }
        String host = text.substring(0, slash);
        for (String wrong : Names.dnsSubdomain(host)) {
            place.invalid(host, wrong);
        }
        String path = text.substring(slash + 1);
        if (!HTTP_PATH.matcher(path).matches()) {
            place.invalid(path, "Invalid path (regex used for validation is '" + HTTP_PATH_FORM + "')");
        }
    }

    /** A DNS name of at least two labels, with or without the dot at the end. */
    public static List<String> fullyQualifiedDomain(String text) {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        List<String> wrong = new ArrayList<>(Names.dnsSubdomain(name));
        if (wrong.isEmpty() && name.indexOf('.') < 0) {
            wrong.add("should be a domain with at least two segments separated by dots");
        }
        return wrong;
    }
}
