package io.keelson.apiserver.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NamesTest {
    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

    private static void agree(String form, int max, Function<String, List<String>> rule, String text) {
        boolean fine = text.length() <= max && Pattern.matches(form, text);
        assertEquals(fine, rule.apply(text).isEmpty(), text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("aZ0-._/*é%").ofMaxLength(8);
    }

    @Property
    void agreesWithTheExpressionsInTheErrors(@ForAll("texts") String text) {
        agree(LABEL, 63, Names::dnsLabel, text);
        agree(LABEL + "(\\." + LABEL + ")*", 253, Names::dnsSubdomain, text);
        agree("[a-z]([-a-z0-9]*[a-z0-9])?", 63, Names::dnsLabel1035, text);
        agree("\\*\\." + LABEL + "(\\." + LABEL + ")*", 253, Names::wildcardSubdomain, text);
        String key = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
        agree("(" + key + ")?", 63, Names::labelValue, text);
        agree("(" + LABEL + "(\\." + LABEL + ")*/)?" + key, 317, Names::qualifiedName, text);
        agree("[-A-Za-z0-9]+", 1_000, Names::headerName, text);
        agree("[0-9]+%", 1_000, Names::percent, text);
        agree("[A-Za-z_][A-Za-z0-9_]*", 1_000, Names::identifier, text);
        agree("(?!\\.\\.)(?!\\.$)[-._a-zA-Z0-9]+", 253, Names::configKey, text);
    }

    @Test
    void hasTheTextsOfTheOriginal() {
        assertEquals(
                List.of(
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start"
                                + " and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for"
                                + " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"),
                Names.dnsLabel("Web"));
        assertEquals(List.of("must not contain dots"), Names.dnsLabel("a.b"));
        assertEquals(
                "must be no more than 63 characters",
                Names.dnsLabel("a".repeat(64)).getFirst());
        assertEquals(
                List.of(
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and"
                                + " must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
                                + " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"),
                Names.dnsSubdomain("A"));
        assertEquals(
                List.of("name part must be non-empty"),
                Names.qualifiedName("a/").subList(0, 1));
        assertEquals(List.of("prefix part must be non-empty"), Names.qualifiedName("/a"));
        assertTrue(Names.qualifiedName("a/b/c").getFirst().startsWith("a valid label key must consist of"));
        assertEquals(
                "must be no more than 63 bytes",
                Names.labelValue("a".repeat(64)).getFirst());
        assertEquals(List.of("may not be '..'"), Names.pathSegment(".."));
        assertEquals(List.of("may not contain '/'", "may not contain '%'"), Names.pathSegment("a/%"));
        assertEquals(List.of("must be between 1 and 65535, inclusive"), Names.portNumber(0));
        assertEquals(List.of("must contain at least one letter (a-z)"), Names.portName("80"));
        assertEquals(
                List.of("must not contain consecutive hyphens", "must not begin or end with a hyphen"),
                Names.portName("a--"));
        assertEquals(List.of("must not start with '..'"), Names.configKey("..a"));
    }

    @Test
    void countsBytesRatherThanCharacters() {
        assertEquals(
                "must be no more than 63 bytes",
                Names.labelValue("é".repeat(32)).getFirst());
    }

    @Test
    void readsLongTextInLittleTime() {
        String text = "a-".repeat(2_000_000);
        assertTrue(Names.dnsSubdomain(text).size() == 2
                && Names.qualifiedName(text).size() == 2);
    }
}
