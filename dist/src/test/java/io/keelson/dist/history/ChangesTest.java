package io.keelson.dist.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChangesTest {
    private static JsonNode json(String text) throws JsonProcessingException {
        return ApiCalls.JSON.readTree(text.replace('\'', '"'));
    }

    private static List<String> between(String before, String after) throws JsonProcessingException {
        return Changes.between(json(before), json(after));
    }

    @Test
    void aValueThatChangedIsToldByItsPath() throws JsonProcessingException {
        assertEquals(List.of("spec.replicas: 3 → 5"), between("{'spec':{'replicas':3}}", "{'spec':{'replicas':5}}"));
        assertEquals(List.of("a[1].b: x → y"), between("{'a':[1,{'b':'x'}]}", "{'a':[1,{'b':'y'}]}"));
    }

    @Test
    void whatCameAndWhatWentIsTold() throws JsonProcessingException {
        assertEquals(List.of("a: - 1", "b: + {\"c\":2}"), between("{'a':1}", "{'b':{'c':2}}"));
        assertEquals(List.of("a: [1] → [1,2]"), between("{'a':[1]}", "{'a':[1,2]}"));
    }

    @Test
    void whatChangesWithEveryWriteIsNotTold() throws JsonProcessingException {
        assertEquals(
                List.of(),
                between(
                        "{'metadata':{'resourceVersion':'1','generation':1,'managedFields':[1]}}",
                        "{'metadata':{'resourceVersion':'2','generation':2,'managedFields':[2]}}"));
    }

    @Test
    void longValuesAreCutAndStayOnOneLine() throws JsonProcessingException {
        String line = between("{}", "{'a':'" + "x\\n".repeat(60) + "'}").getFirst();
        assertEquals("a: + " + "x ".repeat(19) + "x…", line);
    }
}
