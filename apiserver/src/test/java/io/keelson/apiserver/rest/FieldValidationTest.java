package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fields that a built-in kind does not have are dropped, and told of as it was asked for. */
@ExtendWith(LiveApi.Extension.class)
class FieldValidationTest {
    private static final String ODD = "{'metadata': {'name': 'odd'}, 'data': {'a': 'b'}, 'nonsense': true}";
    private static final String UNKNOWN = "unknown field \"nonsense\"";
    private static final String REFUSED =
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: " + UNKNOWN;
    private static final String WARNING = "299 - \"unknown field \\\"nonsense\\\"\"";

    private final LiveApi api;
    private final String maps;

    FieldValidationTest(LiveApi api) {
        this.api = api;
        maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
    }

    @ParameterizedTest
    @CsvSource({"'', true", "?fieldValidation=Warn, true", "?fieldValidation=Ignore, false"})
    void theyAreDropped(String query, boolean told) {
        Answer made = api.post(maps + query, ODD).succeeded();
        assertFalse(made.body().has("nonsense"));
        assertEquals(told ? WARNING : "", made.header("Warning"));
        ObjectNode changed = made.body();
        changed.put("nonsense", 1);
        Answer updated = api.put(maps + "/odd" + query, changed).succeeded();
        assertFalse(updated.body().has("nonsense"));
        assertEquals(told ? WARNING : "", updated.header("Warning"));
        assertFalse(api.get(maps + "/odd").body().has("nonsense"));
    }

    @Test
    void strictlyTheyAreRefused() {
        String strict = "?fieldValidation=Strict";
        refused(api.post(maps + strict, ODD));
        assertEquals(404, api.get(maps + "/odd").code());
        ObjectNode changed = api.post(maps, ODD).succeeded().body();
        changed.put("nonsense", 1).withObject("/data").put("a", "c");
        refused(api.put(maps + "/odd" + strict, changed));
        assertEquals("b", api.get(maps + "/odd").text("/data/a"));
    }

    private static void refused(Answer answer) {
        assertEquals(400, answer.code(), answer.body()::toString);
        assertEquals("BadRequest", answer.reason());
        assertEquals(REFUSED, answer.message());
    }

    @Test
    void aWayThatThereIsNotIsRefused() {
        Answer answer = api.post(maps + "?fieldValidation=Some", ODD);
        assertEquals(422, answer.code(), answer.body()::toString);
        assertEquals("fieldValidation", answer.text("/details/causes/0/field"));
    }
}
