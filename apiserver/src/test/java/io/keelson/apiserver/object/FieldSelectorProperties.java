package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Field selectors against a model: a condition compares one field with one text, whatever characters are in that. */
class FieldSelectorProperties {
    private static final List<String> FIELDS = List.of("metadata.name", "status.phase", " x", "a\\,b", "");
    private static final List<String> VALUES = List.of(
            "",
            "a",
            "b",
            "a,b",
            "a=b",
            "=",
            "==",
            "!",
            "!=a",
            "\\",
            "\\\\",
            "b\\",
            "\\=",
            "\\,",
            ",",
            "ü",
            "\ud83d\ude00,");

    /** What the grammar of selectors takes: a field without commas and equals signs, an operator, a value with escapes. */
    private static final Pattern READABLE;

    static {
        String field = "(?:[^\\\\,=]|\\\\[^=])*\\\\?";
        String value = "(?:[^\\\\,=]|\\\\[\\\\,=])*";
        // Behind an exclamation mark there is but one operator.
        String operator = "(?:!=|(?<!!)==?)";
        String term = "(?:" + field + operator + value + ")?";
        READABLE = Pattern.compile(term + "(?:," + term + ")*");
    }

    /** @param operator {@code =}, {@code ==} or {@code !=} */
    record Condition(String field, String operator, String value) {
        boolean equal() {
            return !operator.equals("!=");
        }

        boolean holds(Map<String, String> object) {
            return object.getOrDefault(field, "").equals(value) == equal();
        }

        String text() {
            StringBuilder text = new StringBuilder(field).append(operator);
            for (int i = 0; i < value.length(); i++) {
                char character = value.charAt(i);
                if ("\\,=".indexOf(character) >= 0) {
                    text.append('\\');
                }
                text.append(character);
            }
            return text.toString();
        }
    }

    private static List<String> sorted(FieldSelector selector) {
        return selector.requirements().stream()
                .map(requirement -> requirement.field() + " " + requirement.equal() + " " + requirement.value())
                .sorted()
                .toList();
    }

    @Provide
    Arbitrary<List<Condition>> conditions() {
        return Combinators.combine(Arbitraries.of(FIELDS), Arbitraries.of("=", "==", "!="), Arbitraries.of(VALUES))
                .as(Condition::new)
                .list()
                .ofMaxSize(5);
    }

    @Provide
    Arbitrary<Map<String, String>> objects() {
        return Arbitraries.maps(Arbitraries.of(FIELDS), Arbitraries.of(VALUES));
    }

    @Property
    void choosesWhatAllConditionsChoose(
            @ForAll("conditions") List<Condition> conditions,
            @ForAll("objects") Map<String, String> object,
            @ForAll boolean gaps) {
        String text = conditions.stream().map(Condition::text).collect(Collectors.joining(gaps ? ",," : ","));
        FieldSelector selector = FieldSelector.parse(text);
        assertEquals(
                conditions.stream()
                        .map(condition -> condition.field() + " " + condition.equal() + " " + condition.value())
                        .sorted()
                        .toList(),
                sorted(selector),
                text);
        assertEquals(conditions.isEmpty(), selector.isEverything(), text);
        boolean expected = conditions.stream().allMatch(condition -> condition.holds(object));
        assertEquals(expected, selector.matches(field -> object.getOrDefault(field, "")), text);
        FieldSelector again = FieldSelector.parse(selector.toString());
        assertEquals(sorted(selector), sorted(again), text);
        assertEquals(expected, again.matches(field -> object.getOrDefault(field, "")), text);
    }

    @Property
    void tellsTheValueThatAFieldMustHave(@ForAll("conditions") List<Condition> conditions) {
        FieldSelector selector =
                FieldSelector.parse(conditions.stream().map(Condition::text).collect(Collectors.joining(",")));
        for (String field : FIELDS) {
            List<String> wanted = conditions.stream()
                    .filter(condition -> condition.equal() && condition.field().equals(field))
                    .map(Condition::value)
                    .toList();
            String required = selector.required(field);
            assertEquals(wanted.isEmpty(), required == null, field);
            assertTrue(required == null || wanted.contains(required), field);
        }
    }

    @Property
    void aSelectorForOneValueIsReadAsItIsWritten(@ForAll String value) {
        FieldSelector selector = FieldSelector.of("metadata.name", value);
        assertEquals(selector, FieldSelector.parse(selector.toString()));
        assertTrue(selector.matches(_ -> value));
        assertFalse(selector.matches(_ -> value + "x"));
    }

    @Provide
    Arbitrary<String> noise() {
        return Arbitraries.of(
                        "a",
                        "b",
                        "=",
                        "=",
                        "==",
                        "!=",
                        "!",
                        ",",
                        "\\",
                        "\\,",
                        "\\=",
                        "\\\\",
                        " ",
                        "\n",
                        "\0",
                        "ü",
                        "\ud83d\ude00",
                        "\ud800")
                .list()
                .ofMaxSize(10)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 5_000)
    void noiseIsReadByTheGrammarOrRefused(@ForAll("noise") String text) {
        FieldSelector selector;
        try {
            selector = FieldSelector.parse(text);
        } catch (MalformedException refused) {
            assertFalse(READABLE.matcher(text).matches(), text);
            assertFalse(refused.message().isEmpty());
            return;
        }
        assertTrue(READABLE.matcher(text).matches(), text);
        assertEquals(sorted(selector), sorted(FieldSelector.parse(selector.toString())), text);
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll String text) {
        boolean read;
        try {
            var _ = FieldSelector.parse(text);
            read = true;
        } catch (MalformedException refused) {
            read = false;
        }
        assertEquals(READABLE.matcher(text).matches(), read, text);
    }
}
