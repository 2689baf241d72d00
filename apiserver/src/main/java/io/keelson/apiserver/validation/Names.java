package io.keelson.apiserver.validation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What names, labels and keys look like. Each rule says what is wrong with a text, in the words of the Kubernetes API;
 * nothing if it is fine. Lengths are counted in bytes of UTF-8. The rules are loops rather than regular expressions: they
 * run on every write, and on input of any length.
 */
public final class Names {
    public static final int LABEL_BYTES_MAX = 63;
    public static final int SUBDOMAIN_BYTES_MAX = 253;

    private static final String LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN_FORM = LABEL_FORM + "(\\." + LABEL_FORM + ")*";
    private static final String LABEL_1035_FORM = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final String KEY_FORM = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    private static final String WRONG_LABEL = form(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end"
                    + " with an alphanumeric character",
            LABEL_FORM,
            "my-name",
            "123-abc");
    private static final String WRONG_SUBDOMAIN = form(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
                    + " and end with an alphanumeric character",
            SUBDOMAIN_FORM,
            "example.com");
    private static final String WRONG_LABEL_1035 = form(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                    + " character, and end with an alphanumeric character",
            LABEL_1035_FORM,
            "my-name",
            "abc-123");
    private static final String WRONG_WILDCARD = form(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of"
                    + " lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            "\\*\\." + SUBDOMAIN_FORM,
            "*.example.com");
    private static final String WRONG_KEY = form(
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
                    + " character",
            KEY_FORM,
            "MyName",
            "my.name",
            "123-abc");
    private static final String WRONG_LABEL_VALUE = form(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start"
                    + " and end with an alphanumeric character",
            "(" + KEY_FORM + ")?",
            "MyValue",
            "my_value",
            "12345");
    private static final String WRONG_ENVIRONMENT_NAME =
            "a valid environment variable name must consist only of printable ASCII characters other than '='";
    private static final String WRONG_CONFIG_KEY = form(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            "key.name",
            "KEY_NAME",
            "key-name");
    private static final String WRONG_HEADER_NAME = form(
            "a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name");
    private static final String WRONG_PERCENT =
            form("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%");
    private static final String WRONG_IDENTIFIER = form(
            "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric"
                    + " characters or '_'",
            "[A-Za-z_][A-Za-z0-9_]*",
            "my_name",
            "MY_NAME",
            "MyName");

    private Names() {}

    /** RFC 1123: {@code my-name}; names of namespaces and of most parts of a pod. */
    public static List<String> dnsLabel(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > LABEL_BYTES_MAX) {
            wrong.add(tooManyCharacters(LABEL_BYTES_MAX));
        }
        if (!isLabel(text, 0, text.length())) {
            wrong.add(isSubdomain(text, 0) ? "must not contain dots" : WRONG_LABEL);
        }
        return wrong;
    }

    /** RFC 1123: {@code example.com}; names of most kinds. */
    public static List<String> dnsSubdomain(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > SUBDOMAIN_BYTES_MAX) {
            wrong.add(tooManyCharacters(SUBDOMAIN_BYTES_MAX));
        }
        if (!isSubdomain(text, 0)) {
            wrong.add(WRONG_SUBDOMAIN);
        }
        return wrong;
    }

    /** RFC 1035: {@code my-name}, beginning with a letter; versions of APIs. */
    public static List<String> dnsLabel1035(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > LABEL_BYTES_MAX) {
            wrong.add(tooManyCharacters(LABEL_BYTES_MAX));
        }
        if (!isLabel(text, 0, text.length()) || isDigit(text.charAt(0))) {
            wrong.add(WRONG_LABEL_1035);
        }
        return wrong;
    }

    /** RFC 1034: {@code *.example.com}; hosts of an Ingress. */
    public static List<String> wildcardSubdomain(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > SUBDOMAIN_BYTES_MAX) {
            wrong.add(tooManyCharacters(SUBDOMAIN_BYTES_MAX));
        }
        if (!text.startsWith("*.") || !isSubdomain(text, 2)) {
            wrong.add(WRONG_WILDCARD);
        }
        return wrong;
    }

    /** {@code example.com/MyName} or {@code MyName}; keys of labels and annotations, names of resources and taints. */
    public static List<String> qualifiedName(String text) {
        List<String> wrong = new ArrayList<>(0);
        int slash = text.indexOf('/');
        if (slash >= 0 && text.indexOf('/', slash + 1) >= 0) {
            wrong.add("a valid label key " + WRONG_KEY
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return wrong;
        }
        if (slash == 0) {
            wrong.add("prefix part must be non-empty");
        } else if (slash > 0) {
            String prefix = text.substring(0, slash);
            if (bytes(prefix) > SUBDOMAIN_BYTES_MAX) {
                wrong.add("prefix part " + tooManyBytes(SUBDOMAIN_BYTES_MAX));
            }
            if (!isSubdomain(prefix, 0)) {
                wrong.add("prefix part " + WRONG_SUBDOMAIN);
            }
        }
        String name = text.substring(slash + 1);
        if (name.isEmpty()) {
            wrong.add("name part must be non-empty");
        } else if (bytes(name) > LABEL_BYTES_MAX) {
            wrong.add("name part " + tooManyBytes(LABEL_BYTES_MAX));
        }
        if (!isKey(name)) {
            wrong.add("name part " + WRONG_KEY);
        }
        return wrong;
    }

    /** {@code my_value}, or nothing; values of labels. */
    public static List<String> labelValue(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > LABEL_BYTES_MAX) {
            wrong.add(tooManyBytes(LABEL_BYTES_MAX));
        }
        if (!text.isEmpty() && !isKey(text)) {
            wrong.add(WRONG_LABEL_VALUE);
        }
        return wrong;
    }

    /** Anything that can be one segment of a path; names of roles and bindings. */
    public static List<String> pathSegment(String text) {
        if (text.equals(".") || text.equals("..")) {
            return List.of("may not be '" + text + "'");
        }
        return pathSegmentPrefix(text);
    }

    /** The beginning of what becomes one segment of a path. */
    public static List<String> pathSegmentPrefix(String text) {
        List<String> wrong = new ArrayList<>(0);
        for (String forbidden : List.of("/", "%")) {
            if (text.contains(forbidden)) {
                wrong.add("may not contain '" + forbidden + "'");
            }
        }
        return wrong;
    }

    /** {@code http}; names of ports in pods and services' target ports. */
    public static List<String> portName(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > 15) {
            wrong.add(tooManyCharacters(15));
        }
        if (text.isEmpty() || !text.chars().allMatch(character -> isLowerOrDigit(character) || character == '-')) {
            wrong.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (text.chars().noneMatch(Names::isLower)) {
            wrong.add("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) {
            wrong.add("must not contain consecutive hyphens");
        }
        if (text.startsWith("-") || text.endsWith("-")) {
            wrong.add("must not begin or end with a hyphen");
        }
        return wrong;
    }

    /** A number of a port: 1 to 65535. */
    public static List<String> portNumber(long number) {
        return number >= 1 && number <= 65_535 ? List.of() : List.of(between(1, 65_535));
    }

    /** The name of an environment variable: printable ASCII but for the equals sign. */
    public static List<String> environmentName(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (text.isEmpty()) {
            wrong.add("environment variable name must be non-empty");
        }
        if (!text.chars().allMatch(character -> character >= 0x20 && character < 0x7f && character != '=')) {
            wrong.add(WRONG_ENVIRONMENT_NAME);
        }
        return wrong;
    }

    /** {@code key.name}; keys in ConfigMaps and Secrets. */
    public static List<String> configKey(String text) {
        List<String> wrong = new ArrayList<>(0);
        if (bytes(text) > SUBDOMAIN_BYTES_MAX) {
            wrong.add(tooManyCharacters(SUBDOMAIN_BYTES_MAX));
        }
        if (text.isEmpty() || !all(text, Names::isKeyCharacter)) {
            wrong.add(WRONG_CONFIG_KEY);
        }
        if (text.equals(".") || text.equals("..")) {
            wrong.add("must not be '" + text + "'");
        } else if (text.startsWith("..")) {
            wrong.add("must not start with '..'");
        }
        return wrong;
    }

    /** {@code X-Header-Name}; headers of HTTP probes. */
    public static List<String> headerName(String text) {
        boolean fine = !text.isEmpty() && all(text, character -> isLetterOrDigit(character) || character == '-');
        return fine ? List.of() : List.of(WRONG_HEADER_NAME);
    }

    /** {@code 25%}. */
    public static List<String> percent(String text) {
        boolean fine =
                text.length() > 1 && text.endsWith("%") && all(text.substring(0, text.length() - 1), Names::isDigit);
        return fine ? List.of() : List.of(WRONG_PERCENT);
    }

    /** {@code my_name}, as C has it. */
    public static List<String> identifier(String text) {
        boolean fine = !text.isEmpty()
                && !isDigit(text.charAt(0))
                && all(text, character -> isLetterOrDigit(character) || character == '_');
        return fine ? List.of() : List.of(WRONG_IDENTIFIER);
    }

    /** {@code must be between 1 and 65535, inclusive}. */
    public static String between(long min, long max) {
        return "must be between " + min + " and " + max + ", inclusive";
    }

    private static String tooManyCharacters(int max) {
        return "must be no more than " + max + " characters";
    }

    private static String tooManyBytes(int max) {
        return "must be no more than " + max + " bytes";
    }

    /** {@code must … (e.g. 'my-name', or '123-abc', regex used for validation is '…')}. */
    private static String form(String message, String form, String... examples) {
        return message + " (e.g. '" + String.join("',  or '", examples) + "', regex used for validation is '" + form
                + "')";
    }

    private static int bytes(String text) {
        // Every character is one byte at least and three at most.
        return text.length() > SUBDOMAIN_BYTES_MAX ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static boolean isSubdomain(String text, int start) {
        int from = start;
        while (true) {
            int dot = text.indexOf('.', from);
            if (!isLabel(text, from, dot < 0 ? text.length() : dot)) {
                return false;
            }
            if (dot < 0) {
                return true;
            }
            from = dot + 1;
        }
    }

    private static boolean isLabel(String text, int from, int to) {
        if (from >= to || text.charAt(from) == '-' || text.charAt(to - 1) == '-') {
            return false;
        }
        for (int i = from; i < to; i++) {
            char character = text.charAt(i);
            if (!isLowerOrDigit(character) && character != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isKey(String text) {
        return !text.isEmpty()
                && isLetterOrDigit(text.charAt(0))
                && isLetterOrDigit(text.charAt(text.length() - 1))
                && all(text, Names::isKeyCharacter);
    }

    private static boolean all(String text, IntPredicate fine) {
        for (int i = 0; i < text.length(); i++) {
            if (!fine.test(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKeyCharacter(int character) {
        return isLetterOrDigit(character) || character == '-' || character == '_' || character == '.';
    }

    private static boolean isLetterOrDigit(int character) {
        return isLowerOrDigit(character) || (character >= 'A' && character <= 'Z');
    }

    private static boolean isLowerOrDigit(int character) {
        return isLower(character) || isDigit(character);
    }

    private static boolean isLower(int character) {
        return character >= 'a' && character <= 'z';
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }
}
