package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorTest {
    private static String error(String selector) {
        return assertThrows(MalformedException.class, () -> LabelSelector.parse(selector))
                .message();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a=b | a=b",
                "a == b | a==b",
                "a!=b | a!=b",
                "a | a",
                "!a | !a",
                "! a | !a",
                "b,a | a,b",
                "a in (c,b) | a in (b,c)",
                "a notin (b) | a notin (b)",
                "a in () | a in ()",
                "a in (,b) | a in (,b)",
                "a in (b,) | a in (,b)",
                "a in (,) | a in ()",
                "a> 5 | a>5",
                "a<5 | a<5",
                "a= | a=",
                "a=,b | a=,b",
                "in in (in) | in in (in)",
                "notin=in | notin=in",
                "x/y=z | x/y=z",
                "`` | ``",
            })
    void readsTheLanguageOfQueries(String text, String canonical) {
        assertEquals(canonical, LabelSelector.parse(text).toString());
    }

    @Test
    void takesAnyWhiteSpaceBetweenWords() {
        assertEquals("a=b", LabelSelector.parse("\ta\t=\r\nb ").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,, | found ',', expected: identifier after ','",
                "a, | found '', expected: identifier after ','",
                ",a | found ',', expected: !, identifier, or 'end of string'",
                "=a | found '=', expected: !, identifier, or 'end of string'",
                "a b | unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
                "a in b | unable to parse requirement: found 'b' expected: '('",
                "a in (b | unable to parse requirement: found '', expected: ',' or ')'",
                "a in (b c) | unable to parse requirement: found 'c', expected: ',' or ')'",
                "a in (=) | unable to parse requirement: found '=', expected: ',', ')' or identifier",
                "a in (b,=) | unable to parse requirement: found '=', expected: ',', or identifier",
                "a in (b) c | found 'c', expected: ',' or 'end of string'",
                "!a=b | found '=', expected: ',' or 'end of string'",
                "! | unable to parse requirement: found '', expected: identifier",
                "a=b=c | found '=', expected: ',' or 'end of string'",
                "a=! | unable to parse requirement: found '!', expected: identifier",
                "a>b | unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
            })
    void namesWhatIsWrongAsTheOriginalDoes(String text, String error) {
        assertEquals(error, error(text));
    }

    @Test
    void checksKeysAndValues() {
        assertEquals(
                "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters,"
                        + " '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or"
                        + " 'my.name',  or '123-abc', regex used for validation is"
                        + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                error("-a=b"));
        assertTrue(error("a=b?")
                .startsWith("unable to parse requirement: values[0][a]: Invalid value: \"b?\": a valid label"));
        assertTrue(error("a=" + "x".repeat(64)).contains("must be no more than 63 bytes"));
    }

    @Test
    void choosesByLabels() {
        Map<String, String> labels = Map.of("app", "web", "size", "10", "empty", "");
        for (String chosen : new String[] {
            "",
            "app",
            "app=web",
            "app==web",
            "app!=db",
            "app in (db,web)",
            "app notin (db)",
            "!tier",
            "tier!=x",
            "tier notin (x)",
            "size>9",
            "size<11",
            "empty=",
            "empty in ()",
            "app,size"
        }) {
            assertTrue(LabelSelector.parse(chosen).matches(labels), chosen);
        }
        for (String passed : new String[] {
            "tier",
            "app=db",
            "app!=web",
            "!app",
            "app notin (web)",
            "size>10",
            "app>1",
            "tier>1",
            "empty!=",
            "app=web,tier"
        }) {
            assertFalse(LabelSelector.parse(passed).matches(labels), passed);
        }
    }

    @Test
    void comesOutOfObjects() {
        LabelSelector selector = LabelSelector.of(Json.parse(
                "{\"matchLabels\":{\"app\":\"web\"},\"matchExpressions\":[{\"key\":\"tier\",\"operator\":\"In\",\"values\":[\"b\",\"a\"]},"
                        + "{\"key\":\"old\",\"operator\":\"DoesNotExist\"}]}"));
        assertEquals("app=web,!old,tier in (a,b)", selector.toString());
        assertTrue(LabelSelector.of(Json.object()).isEverything());
        assertFalse(LabelSelector.of(null).matches(Map.of()));
        MalformedException thrown = assertThrows(
                MalformedException.class,
                () -> LabelSelector.of(Json.parse("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Near\"}]}")));
        assertEquals("\"Near\" is not a valid label selector operator", thrown.message());
    }

    @Test
    void readsLongSelectorsInLittleTime() {
        String many = "a in (" + "x,".repeat(200_000) + ")";
        assertEquals(
                2, LabelSelector.parse(many).requirements().getFirst().values().size());
        assertTrue(error("a".repeat(2_000_000)).startsWith("selectors must be no more"));
        assertTrue(error("(".repeat(100_000)).startsWith("found '('"));
    }

    @Test
    void readsFieldSelectors() {
        FieldSelector selector = FieldSelector.parse("status.phase!=Running,metadata.name==web,,a=b");
        assertEquals("a=b,metadata.name=web,status.phase!=Running", selector.toString());
        assertEquals("web", selector.required("metadata.name"));
        assertTrue(selector.matches(
                field -> Map.of("metadata.name", "web", "a", "b").getOrDefault(field, "")));
        assertFalse(selector.matches(field -> ""));
        assertTrue(FieldSelector.parse("").isEverything());
        MalformedException thrown = assertThrows(MalformedException.class, () -> FieldSelector.parse("a=b,c"));
        assertEquals("invalid selector: 'a=b,c'; can't understand 'c'", thrown.message());
    }

    @Test
    void readsEscapesInValuesOfFields() {
        assertEquals(
                List.of(
                        new FieldSelector.Requirement("a", true, "1,2=3\\"),
                        new FieldSelector.Requirement("c", true, "!x")),
                FieldSelector.parse("a=1\\,2\\=3\\\\,c==!x").requirements());
        assertEquals("a=1\\,2\\=3\\\\", FieldSelector.of("a", "1,2=3\\").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a=b=c  | invalid field selector: unescaped character in value: 61",
                "a!==b  | invalid field selector: unescaped character in value: 61",
                "a===b  | invalid field selector: unescaped character in value: 61",
                "a=b\\,c=d | invalid field selector: unescaped character in value: 61",
                "a=b\\x | invalid field selector: invalid escape sequence: \\x",
                "a=b\\  | invalid field selector: invalid escape sequence: \\",
                "a\\,b  | invalid selector: 'a\\,b'; can't understand 'a\\,b'",
                "a=b,!  | invalid selector: 'a=b,!'; can't understand '!'"
            })
    void refusesFieldsThatCannotBeRead(String text, String message) {
        assertEquals(
                message,
                assertThrows(MalformedException.class, () -> FieldSelector.parse(text))
                        .message());
    }
}
