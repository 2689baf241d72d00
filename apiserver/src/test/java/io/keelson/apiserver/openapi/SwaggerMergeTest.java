package io.keelson.apiserver.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SwaggerMergeTest {
    private static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String merged(String one, String... others) {
        ObjectNode all = json(one);
        SwaggerMerge merge = new SwaggerMerge(all);
        for (String other : others) {
            merge.add(json(other));
        }
        return all.toString().replace('"', '\'');
    }

    private static String document(String path, String definition, String definitions) {
        return "{'paths':{'" + path + "':{'get':{'schema':{'$ref':'#/definitions/" + definition
                + "'}}}},'definitions':{" + definitions + "},'parameters':{}}";
    }

    @Test
    void whatIsTheSameIsThereOnce() {
        String meta = "'Meta':{'type':'object'}";
        assertEquals(
                "{'paths':{'/a':{'get':{'schema':{'$ref':'#/definitions/Meta'}}},'/b':{'get':{'schema':{'$ref':"
                        + "'#/definitions/Meta'}}}},'definitions':{'Meta':{'type':'object'}},'parameters':{}}",
                merged(document("/a", "Meta", meta), document("/b", "Meta", meta)));
    }

    @Test
    void whatIsCalledTheSameAndIsNotGetsANumber() {
        assertEquals(
                "{'paths':{'/a':{'get':{'schema':{'$ref':'#/definitions/Meta'}}},"
                        + "'/b':{'get':{'schema':{'$ref':'#/definitions/Kind'}}},"
                        + "'/c':{'get':{'schema':{'$ref':'#/definitions/Meta_v3'}}},"
                        + "'/d':{'get':{'schema':{'$ref':'#/definitions/Meta_v2'}}}},"
                        + "'definitions':{'Meta':{'type':'object'},"
                        + "'Kind':{'properties':{'m':{'$ref':'#/definitions/Meta_v2'}}},'Meta_v2':{'type':'string'},"
                        + "'Meta_v3':{'type':'array'}},'parameters':{}}",
                merged(
                        document("/a", "Meta", "'Meta':{'type':'object'}"),
                        document(
                                "/b",
                                "Kind",
                                "'Kind':{'properties':{'m':{'$ref':'#/definitions/Meta'}}},'Meta':{'type':'string'}"),
                        document("/c", "Meta", "'Meta':{'type':'array'}"),
                        // The same as one that was renamed before.
                        document("/d", "Meta", "'Meta':{'type':'string'}")));
    }

    @Test
    void aNameThatTheOtherDocumentHasIsNotTaken() {
        assertEquals(
                "{'paths':{'/a':{'get':{'schema':{'$ref':'#/definitions/Meta'}}},"
                        + "'/b':{'get':{'schema':{'$ref':'#/definitions/Meta_v3'}}}},"
                        + "'definitions':{'Meta':{'type':'object'},'Meta_v3':{'p':{'$ref':'#/definitions/Meta_v2'}},"
                        + "'Meta_v2':{'type':'integer'}},'parameters':{}}",
                merged(
                        document("/a", "Meta", "'Meta':{'type':'object'}"),
                        document(
                                "/b",
                                "Meta",
                                "'Meta':{'p':{'$ref':'#/definitions/Meta_v2'}},'Meta_v2':{'type':'integer'}")));
    }

    @Test
    void kindsThatAreDescribedComeTogether() {
        String kind = "'Meta':{'type':'object','x-kubernetes-group-version-kind':[{'kind':'%s'}]}";
        assertEquals(
                "{'Meta':{'type':'object','x-kubernetes-group-version-kind':[{'kind':'A'},{'kind':'B'}]}}",
                Json.text(json(merged(
                                        document("/a", "Meta", kind.formatted("A")),
                                        document("/b", "Meta", kind.formatted("B")),
                                        document("/c", "Meta", kind.formatted("A"))))
                                .path("definitions"))
                        .replace('"', '\''));
    }

    @Test
    void pathsThatAreThereStayAndWhatNobodyNeedsStaysAway() {
        assertEquals(
                "{'paths':{'/a':{'get':{'schema':{'$ref':'#/definitions/Mine'}}}},"
                        + "'definitions':{'Mine':{'type':'object'}},'parameters':{}}",
                merged(
                        document("/a", "Mine", "'Mine':{'type':'object'}"),
                        document("/a", "Theirs", "'Theirs':{'type':'object'},'Mine':{'type':'string'}")));
    }

    @Test
    void parametersAreRenamedLikewiseAndDefinitionsMayContainThemselves() {
        String mine = "{'paths':{'/a':{'parameters':[{'$ref':'#/parameters/name-1'}]}},'definitions':{},"
                + "'parameters':{'name-1':{'in':'path'}}}";
        String theirs =
                "{'paths':{'/b':{'parameters':[{'$ref':'#/parameters/name-1'}],'get':{'$ref':'#/definitions/T'}}},"
                        + "'definitions':{'T':{'items':{'$ref':'#/definitions/T'}}},'parameters':{'name-1':{'in':'query'}}}";
        assertEquals(
                "{'paths':{'/a':{'parameters':[{'$ref':'#/parameters/name-1'}]},"
                        + "'/b':{'parameters':[{'$ref':'#/parameters/name-1_v2'}],'get':{'$ref':'#/definitions/T'}}},"
                        + "'definitions':{'T':{'items':{'$ref':'#/definitions/T'}}},"
                        + "'parameters':{'name-1':{'in':'path'},'name-1_v2':{'in':'query'}}}",
                merged(mine, theirs));
    }
}
