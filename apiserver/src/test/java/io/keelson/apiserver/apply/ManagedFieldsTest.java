package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagedFieldsTest {
    private static JsonNode json(String text) {
        return Json.parse(text.replace('\'', '"'));
    }

    @Test
    void areWrittenAppliersFirstThenByTime() {
        JsonNode list = json(
                "["
                        + "{'manager':'z','operation':'Update','apiVersion':'v1','time':'2026-01-01T00:00:02Z','fieldsType':'FieldsV1','fieldsV1':{'f:a':{}}},"
                        + "{'manager':'b','operation':'Update','apiVersion':'v1','time':'2026-01-01T00:00:01Z','fieldsType':'FieldsV1','fieldsV1':{'f:a':{}},'subresource':'status'},"
                        + "{'manager':'y','operation':'Apply','apiVersion':'v1','time':'2026-01-01T00:00:03Z','fieldsType':'FieldsV1','fieldsV1':{'f:a':{}}},"
                        + "{'manager':'n','operation':'Update','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{'f:a':{}}}]");
        JsonNode written = ManagedFields.decode(list).encode();
        assertEquals(List.of("y", "n", "b", "z"), written.findValuesAsText("manager"));
        assertEquals(list.get(1), written.get(2));
        assertEquals(list.get(3), written.get(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'operation':'Patch'} | operation must be `Apply` or `Update`",
                "{'operation':'Apply'} | apiVersion must not be empty",
                "{'operation':'Apply','apiVersion':'v1'} | missing fieldsType in managed fields entry 0",
                "{'operation':'Apply','apiVersion':'v1','fieldsType':'X'} | invalid fieldsType \"X\" in managed fields entry 0",
                "{'manager':'m','operation':'Apply','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{'x':{}}}"
                        + " | error decoding versioned set from \"m\": error decoding set: parsing key as path element:"
                        + " key must be 2 characters long:",
            })
    void saysWhatMakesNoSense(String entry, String problem) {
        assertEquals(problem, ManagedFields.problem(json("[" + entry + "]")));
    }

    @Test
    void nothingIsWrongWithNone() {
        assertEquals("", ManagedFields.problem(null));
        assertEquals("", ManagedFields.problem(json("[]")));
    }

    @Test
    void managerIsWhoSaysSoOrTheProgramThatAsks() {
        assertEquals("me", Manager.nameOf("me", "kubectl/v1.36 (linux)"));
        assertEquals("kubectl", Manager.nameOf("", "kubectl/v1.36 (linux)"));
        assertEquals("curl", Manager.nameOf("", "cu\u0007rl"));
        assertEquals("a".repeat(128), Manager.nameOf("", "a".repeat(200)));
        assertEquals("", Manager.nameOf("", ""));
    }

    @Test
    void timesAloneAreNoChange() {
        String object = "{'metadata':{'name':'a','managedFields':[{'manager':'m','operation':'Apply','apiVersion':'v1',"
                + "'time':'2026-01-01T00:00:0%sZ','fieldsType':'FieldsV1','fieldsV1':{'f:a':{}}}]},'spec':{'a':%s}}";
        ObjectNode old = (ObjectNode) json(object.formatted(1, 1));
        ObjectNode same = (ObjectNode) json(object.formatted(2, 1));
        ManagedFields.keepTimes(same, old);
        assertEquals(old, same);
        ObjectNode other = (ObjectNode) json(object.formatted(2, 2));
        ManagedFields.keepTimes(other, old);
        assertEquals(json(object.formatted(2, 2)), other);
    }

    @ParameterizedTest
    @CsvSource({
        "mine,kubectl/v1.36.0,mine",
        "'',kubectl/v1.36.0 (linux/amd64),kubectl",
        "'',curl,curl",
        "'','',''",
    })
    void managersWithoutANameAreCalledByTheirAgent(String fieldManager, String agent, String name) {
        assertEquals(name, Manager.nameOf(fieldManager, agent));
    }

    @Test
    void scalesHaveTheManagersOfTheReplicas() {
        ScaleFields fields = new ScaleFields("apps/v1", Map.of("apps/v1", List.of("spec", "replicas")));
        JsonNode list = json(
                "["
                        + "{'manager':'a','operation':'Apply','apiVersion':'apps/v1','fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:paused':{},'f:replicas':{}}}},"
                        + "{'manager':'u','operation':'Update','apiVersion':'apps/v1','fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:paused':{}}}}]");
        JsonNode scale = fields.toScale(list);
        assertEquals(List.of("a"), scale.findValuesAsText("manager"));
        assertEquals("autoscaling/v1", scale.get(0).path("apiVersion").asText());
        assertEquals(list, fields.toObject(list, scale));

        JsonNode taken =
                json("[{'manager':'hpa','operation':'Update','apiVersion':'autoscaling/v1','fieldsType':'FieldsV1',"
                        + "'fieldsV1':{'f:spec':{'f:replicas':{}}},'subresource':'scale'}]");
        JsonNode after = fields.toObject(list, taken);
        assertEquals(List.of("a", "hpa", "u"), after.findValuesAsText("manager"));
        assertEquals(
                "{\"f:spec\":{\"f:paused\":{}}}", after.get(0).path("fieldsV1").toString());
        assertEquals("apps/v1", after.get(1).path("apiVersion").asText());
    }
}
