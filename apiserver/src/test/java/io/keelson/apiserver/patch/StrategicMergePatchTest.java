package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergePatchTest {
    private static final Schema POD = BuiltInSchemas.get("io.k8s.api.core.v1.Pod");
    private static final Schema DEPLOYMENT = BuiltInSchemas.get("io.k8s.api.apps.v1.Deployment");

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String patched(Schema schema, String object, String patch) {
        ObjectNode before = Json.parseObject(bytes(object));
        ObjectNode copy = before.deepCopy();
        ObjectNode result = StrategicMergePatch.parse(bytes(patch)).apply(before, schema);
        assertEquals(copy, before);
        return Json.text(result).replace('"', '\'');
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // fields
                "{'spec':{'nodeName':'a'}} | {'spec':{'nodeName':'b'}} | {'spec':{'nodeName':'b'}}",
                "{'spec':{'nodeName':'a'}} | {'spec':{'nodeName':null}} | {'spec':{}}",
                "{} | {'spec':{'nodeName':null,'hostname':'h'}} | {'spec':{'hostname':'h'}}",
                "{'metadata':{'labels':{'a':'1'}}} | {'metadata':{'labels':{'b':'2'}}} | {'metadata':{'labels':{'a':'1','b':'2'}}}",
                // lists of objects are merged by their key; new elements stand before those they know nothing of
                "{'spec':{'containers':[{'name':'a','image':'x'},{'name':'b'}]}}"
                        + " | {'spec':{'containers':[{'name':'a','image':'y'}]}}"
                        + " | {'spec':{'containers':[{'name':'a','image':'y'},{'name':'b'}]}}",
                "{'spec':{'containers':[{'name':'a'}]}} | {'spec':{'containers':[{'name':'c'}]}}"
                        + " | {'spec':{'containers':[{'name':'c'},{'name':'a'}]}}",
                "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}"
                        + " | {'spec':{'containers':[{'$patch':'delete','name':'a'}]}}"
                        + " | {'spec':{'containers':[{'name':'b'}]}}",
                "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}"
                        + " | {'spec':{'containers':[{'$patch':'replace'},{'name':'c'}]}}"
                        + " | {'spec':{'containers':[{'name':'c'}]}}",
                "{'spec':{'containers':[{'name':'a'},{'name':'b'},{'name':'c'}]}}"
                        + " | {'spec':{'$setElementOrder/containers':[{'name':'c'},{'name':'a'}],'containers':[{'name':'a','image':'y'}]}}"
                        + " | {'spec':{'containers':[{'name':'b'},{'name':'c'},{'name':'a','image':'y'}]}}",
                "{'spec':{}} | {'spec':{'$setElementOrder/containers':[{'name':'a'}],'containers':[{'$patch':'delete','name':'z'},{'name':'a'}]}}"
                        + " | {'spec':{'containers':[{'name':'a'}]}}",
                // lists inside of elements
                "{'spec':{'containers':[{'name':'a','env':[{'name':'X','value':'1'},{'name':'Y','value':'2'}],'args':['1']}]}}"
                        + " | {'spec':{'containers':[{'name':'a','env':[{'name':'Y','value':'3'}],'args':['2']}]}}"
                        + " | {'spec':{'containers':[{'name':'a','env':[{'name':'X','value':'1'},{'name':'Y','value':'3'}],'args':['2']}]}}",
                "{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'protocol':'TCP'}]}]}}"
                        + " | {'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'w'},{'containerPort':81}]}]}}"
                        + " | {'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'protocol':'TCP','name':'w'},{'containerPort':81}]}]}}",
                // lists of scalars
                "{'metadata':{'finalizers':['a','b']}} | {'metadata':{'finalizers':['c','a']}} | {'metadata':{'finalizers':['c','a','b']}}",
                "{'metadata':{'finalizers':['a','b','c']}} | {'metadata':{'$deleteFromPrimitiveList/finalizers':['b']}}"
                        + " | {'metadata':{'finalizers':['a','c']}}",
                "{'metadata':{'finalizers':['a','b','c']}} | {'metadata':{'$setElementOrder/finalizers':['c','a']}}"
                        + " | {'metadata':{'finalizers':['b','c','a']}}",
                "{'spec':{'tolerations':[{'key':'a'}]}} | {'spec':{'tolerations':[{'key':'b'}]}} | {'spec':{'tolerations':[{'key':'b'}]}}",
                // directives about whole objects
                "{'spec':{'securityContext':{'runAsUser':1}}} | {'spec':{'securityContext':{'$patch':'replace','runAsGroup':2}}}"
                        + " | {'spec':{'securityContext':{'runAsGroup':2}}}",
                "{'spec':{'securityContext':{'runAsUser':1}}} | {'spec':{'securityContext':{'$patch':'delete'}}} | {'spec':{'securityContext':{}}}",
                "{'spec':{}} | {'spec':{'securityContext':{'$patch':'delete'}}} | {'spec':{}}",
                "{'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}"
                        + " | {'spec':{'volumes':[{'name':'v','$retainKeys':['name','hostPath'],'hostPath':{'path':'/x'}}]}}"
                        + " | {'spec':{'volumes':[{'name':'v','hostPath':{'path':'/x'}}]}}",
            })
    void mergesPods(String object, String patch, String expected) {
        assertEquals(expected, patched(POD, object, patch));
    }

    @Test
    void strategiesOfDeploymentsAreExclusive() {
        assertEquals(
                "{'spec':{'strategy':{'type':'Recreate'}}}",
                patched(
                        DEPLOYMENT,
                        "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
                        "{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}"));
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'spec':{'containers':[{'name':'a'}]}} | {'spec':{'containers':[{'image':'y'}]}} | 500"
                        + " | map: map[image:y] does not contain declared merge key: name",
                "{'spec':{'containers':[{'name':'a'}]}} | {'spec':{'containers':[{'$patch':'delete'}]}} | 500"
                        + " | map: map[$patch:delete] does not contain declared merge key: name",
                "{'spec':{'containers':[{'name':'a'}]}} | {'spec':{'containers':[{'$patch':'merge','name':'a'}]}} | 500"
                        + " | merging lists cannot yet be specified in the patch",
                "{'spec':{'containers':[{'name':'a'}]}} | {'spec':{'containers':['a']}} | 500"
                        + " | list element types are not identical: [[map[name:a]] [a]]",
                "{'spec':{}} | {'spec':{'$patch':'mergex'}} | 500 | unknown patch type: mergex in map: map[$patch:mergex]",
                "{'spec':{'x':{}}} | {'spec':{'x':{}}} | 500 | unable to find api field in struct PodSpec for the json field \"x\"",
                "{'spec':{}} | {'spec':{'$retainKeys':['a'],'nodeName':'b'}} | 400 | invalid patch format of retainKeys",
                "{'spec':{}} | {'spec':{'$retainKeys':'a'}} | 400 | invalid patch format of retainKeys",
                "{'spec':{}} | {'spec':{'$deleteFromPrimitiveListX':['a']}} | 400 | invalid patch format of primitive list",
                "{'spec':{}} | {'spec':{'$setElementOrderX':['a']}} | 400 | invalid patch format of setElementOrder list",
                "{'spec':{}} | {'spec':{'$setElementOrder/containers':'a'}} | 500 | expected a []interface {}, but received a string",
                "{'metadata':{'finalizers':['a']}} | {'metadata':{'finalizers':[['a']]}} | 422"
                        + " | the server rejected our request due to an error in our request",
            })
    void saysWhatMakesNoSense(String object, String patch, int code, String message) {
        ApiException failure = assertThrows(ApiException.class, () -> patched(POD, object, patch));
        assertEquals(message, failure.message());
        assertEquals(code, failure.code());
    }

    @Test
    void refusesAnOrderThatThePatchDoesNotKeep() {
        String patch = "{'spec':{'$setElementOrder/containers':[{'name':'a'},{'name':'b'}],"
                + "'containers':[{'name':'b'},{'name':'a'}]}}";
        ApiException failure = assertThrows(ApiException.class, () -> patched(POD, "{'spec':{}}", patch));
        assertEquals(
                "the order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n"
                        + "[map[name:a] map[name:b]]",
                failure.message());
    }

    @Test
    void patchesThatAreNoObjectsAreRefused() {
        ApiException failure = assertThrows(ApiException.class, () -> StrategicMergePatch.parse(bytes("[]")));
        assertEquals(400, failure.code());
        assertEquals("json: cannot unmarshal array into Go value of type map[string]interface {}", failure.message());
    }

    /** Merging by comparing each element with each other would take hours. */
    @Test
    void longListsAreMergedInTime() {
        ObjectNode object = Json.object();
        ObjectNode patch = Json.object();
        ArrayNode env = object.putObject("spec")
                .putArray("containers")
                .addObject()
                .put("name", "a")
                .putArray("env");
        ArrayNode changed = patch.putObject("spec")
                .putArray("containers")
                .addObject()
                .put("name", "a")
                .putArray("env");
        ArrayNode finalizers = object.putObject("metadata").putArray("finalizers");
        ArrayNode more = patch.putObject("metadata").putArray("finalizers");
        for (int i = 0; i < 50_000; i++) {
            env.addObject().put("name", "V" + i).put("value", "1");
            changed.addObject().put("name", "V" + (99_000 - i)).put("value", "2");
            finalizers.add("f" + i);
            more.add("f" + (99_000 - i));
        }
        ObjectNode result = assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> StrategicMergePatch.of(patch).apply(object, POD));
        assertEquals(99_001, result.path("metadata").path("finalizers").size());
        assertEquals(99_001, result.at("/spec/containers/0/env").size());
    }
}
