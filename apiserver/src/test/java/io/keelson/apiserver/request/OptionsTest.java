package io.keelson.apiserver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import java.io.IOException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static String failure(String query, Function<Query, Object> parse) {
        return assertThrows(ApiException.class, () -> parse.apply(QueryParser.parse(query)))
                .message();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resourceVersionMatch=Exact | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
                "resourceVersionMatch=Exact&resourceVersion=1&continue=x | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
                "resourceVersionMatch=foo&resourceVersion=1 | resourceVersionMatch: Unsupported value: \"foo\": supported values: \"Exact\", \"NotOlderThan\", \"\"",
                "resourceVersionMatch=Exact&resourceVersion=0 | resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
                "sendInitialEvents=false | sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
            })
    void refusesListsThatMakeNoSense(String query, String error) {
        assertEquals(
                "ListOptions.meta.k8s.io \"\" is invalid: " + error,
                failure(query, parsed -> ListOptions.parse(parsed, false)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resourceVersionMatch=NotOlderThan | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                "sendInitialEvents=true | resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
            })
    void refusesWatchesThatMakeNoSense(String query, String error) {
        assertEquals(
                "ListOptions.meta.k8s.io \"\" is invalid: " + error,
                failure(query, parsed -> ListOptions.parse(parsed, true)));
    }

    @Test
    void beginsAWatchFromNowhereWithWhatThereIs() {
        assertTrue(
                ListOptions.parse(QueryParser.parse("resourceVersion=0"), true).initialEvents());
        assertTrue(ListOptions.parse(Query.NONE, true).notOlderThan());
        assertFalse(
                ListOptions.parse(QueryParser.parse("resourceVersion=5"), true).initialEvents());
        assertNull(ListOptions.parse(Query.NONE, false).sendInitialEvents());
    }

    @ParameterizedTest
    @CsvSource({
        "resourceVersion=5, false",
        "resourceVersion=5&limit=1, true",
        "resourceVersion=0&limit=1, false",
        "limit=1, false",
        "resourceVersion=5&limit=1&resourceVersionMatch=NotOlderThan, false",
        "resourceVersion=5&resourceVersionMatch=Exact, true"
    })
    void pagesAtAResourceVersionAreOfExactlyThatOne(String query, boolean exact) {
        assertEquals(exact, ListOptions.parse(QueryParser.parse(query), false).exact());
    }

    @Test
    void readsNumbersAsGoDoes() {
        ListOptions options = ListOptions.parse(QueryParser.parse("limit=500&timeoutSeconds=-3"), false);
        assertEquals(500, options.limit());
        assertEquals(-3, options.timeoutSeconds());
        assertEquals(
                "strconv.ParseInt: parsing \"x\": invalid syntax",
                failure("limit=x", parsed -> ListOptions.parse(parsed, false)));
        assertEquals(
                "strconv.ParseInt: parsing \"\": invalid syntax",
                failure("limit=", parsed -> ListOptions.parse(parsed, false)));
        assertEquals(
                "strconv.ParseInt: parsing \"99999999999999999999\": value out of range",
                failure("limit=99999999999999999999", parsed -> ListOptions.parse(parsed, false)));
    }

    @Test
    void checksHowToWrite() {
        WriteOptions plain = WriteOptions.forCreate(QueryParser.parse("dryRun=All&fieldManager=me"));
        assertTrue(plain.dryRun());
        assertEquals("me", plain.fieldManager());
        assertEquals(FieldValidation.WARN, plain.fieldValidation());
        assertEquals(
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                failure("", parsed -> WriteOptions.forPatch(parsed, true)));
        assertEquals(
                "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch",
                failure("force=true", parsed -> WriteOptions.forPatch(parsed, false)));
        assertEquals(
                "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"",
                failure("dryRun=Some", WriteOptions::forCreate));
        assertEquals(
                "UpdateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"x\": "
                        + "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                failure("fieldValidation=x", WriteOptions::forUpdate));
        assertEquals(
                "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\x01\": "
                        + "invalid character U+0001 (at position 1)",
                failure("fieldManager=a%01", WriteOptions::forCreate));
        assertEquals(
                "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes",
                failure("fieldManager=" + "a".repeat(129), WriteOptions::forCreate));
    }

    @Test
    void checksHowToDelete() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        DeleteOptions options = DeleteOptions.parse((ObjectNode)
                mapper.readTree("{\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Foreground\",\"dryRun\":[\"All\"],"
                        + "\"preconditions\":{\"uid\":\"u\",\"resourceVersion\":\"7\"}}"));
        assertEquals(new DeleteOptions(true, 0L, DeleteOptions.Propagation.FOREGROUND, null, "u", "7"), options);
        assertEquals(
                new DeleteOptions(false, 5L, DeleteOptions.Propagation.ORPHAN, null, "u", null),
                DeleteOptions.parse(QueryParser.parse("gracePeriodSeconds=5&propagationPolicy=Orphan&uid=u")));
        assertEquals(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"x\": "
                        + "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
                failure("propagationPolicy=x", DeleteOptions::parse));
        assertEquals(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Orphan\": "
                        + "orphanDependents and deletionPropagation cannot be both set",
                failure("propagationPolicy=Orphan&orphanDependents=true", DeleteOptions::parse));
        ObjectNode wrong = (ObjectNode) mapper.readTree("{\"gracePeriodSeconds\":\"x\"}");
        assertEquals(
                "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
                assertThrows(ApiException.class, () -> DeleteOptions.parse(wrong))
                        .message());
    }

    @Test
    void checksHowToShowTables() {
        assertEquals(TableOptions.METADATA, TableOptions.parse(Query.NONE));
        assertEquals(TableOptions.OBJECT, TableOptions.parse(QueryParser.parse("includeObject=Object")));
        assertEquals(
                "TableOptions.meta.k8s.io \"\" is invalid: includeObject: Invalid value: \"x\": "
                        + "must be 'Metadata', 'Object', 'None', or empty",
                failure("includeObject=x", TableOptions::parse));
    }
}
