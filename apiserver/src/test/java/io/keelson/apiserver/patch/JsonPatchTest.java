package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPatchTest {
    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String patched(String object, String patch) {
        return Json.text(JsonPatch.parse(bytes(patch)).patch(Json.parseObject(bytes(object))))
                .replace('"', '\'');
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // RFC 6902, appendix A
                "{'foo':'bar'} | [{'op':'add','path':'/baz','value':'qux'}] | {'foo':'bar','baz':'qux'}",
                "{'foo':['bar','baz']} | [{'op':'add','path':'/foo/1','value':'qux'}] | {'foo':['bar','qux','baz']}",
                "{'baz':'qux','foo':'bar'} | [{'op':'remove','path':'/baz'}] | {'foo':'bar'}",
                "{'foo':['bar','qux','baz']} | [{'op':'remove','path':'/foo/1'}] | {'foo':['bar','baz']}",
                "{'baz':'qux'} | [{'op':'replace','path':'/baz','value':'boo'}] | {'baz':'boo'}",
                "{'foo':{'a':1,'w':2},'q':{}} | [{'op':'move','from':'/foo/w','path':'/q/t'}] | {'foo':{'a':1},'q':{'t':2}}",
                "{'foo':['all','grass','cows','eat']} | [{'op':'move','from':'/foo/1','path':'/foo/3'}]"
                        + " | {'foo':['all','cows','eat','grass']}",
                "{'foo':['a',2,'c']} | [{'op':'test','path':'/foo/1','value':2}] | {'foo':['a',2,'c']}",
                "{'foo':'bar'} | [{'op':'add','path':'/child','value':{'g':{}}}] | {'foo':'bar','child':{'g':{}}}",
                "{'foo':'bar'} | [{'op':'add','path':'/baz','value':null}] | {'foo':'bar','baz':null}",
                "{'/':9,'~1':10} | [{'op':'test','path':'/~01','value':10}] | {'/':9,'~1':10}",
                "{'foo':['bar']} | [{'op':'add','path':'/foo/-','value':['abc']}] | {'foo':['bar',['abc']]}",
                "{'a':{'b':1}} | [{'op':'copy','from':'/a','path':'/c'}] | {'a':{'b':1},'c':{'b':1}}",
                // as the original has it
                "{} | [{'op':'replace','path':'/a','value':1}] | {'a':1}",
                "{'a':[1,2,3]} | [{'op':'remove','path':'/a/-1'}] | {'a':[1,2]}",
                "{'a':[1,2]} | [{'op':'add','path':'/a/-1','value':3}] | {'a':[1,2,3]}",
                "{} | [{'op':'add','path':'x/a','value':1}] | {'a':1}",
                "{} | [{'op':'add','path':'/a'}] | {'a':null}",
                "{'a':1} | [{'op':'replace','path':'','value':{'b':2}}] | {'b':2}",
                "{'a':1} | [{'op':'test','path':'','value':{'a':1}}] | {'a':1}",
                "{} | [{'op':'test','path':'/a','value':null}] | {}",
                "{'m':{}} | [{'op':'add','path':'/m/a~1b','value':1}] | {'m':{'a/b':1}}",
                "{'a':1} | null | {'a':1}",
                "{'a':1} | [] | {'a':1}",
            })
    void carriesOutOperations(String object, String patch, String expected) {
        assertEquals(expected, patched(object, patch));
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | [{'op':'add','path':'/a/b','value':1}] | add operation does not apply: doc is missing path: \"/a/b\": missing value",
                "{'a':null} | [{'op':'add','path':'/a/b','value':1}] | add operation does not apply: doc is missing path: \"/a/b\": missing value",
                "{'a':[]} | [{'op':'add','path':'/a/1','value':1}] | error in add for path: '/a/1': Unable to access invalid index: 1: invalid index referenced",
                "{'a':[]} | [{'op':'add','path':'/a/x','value':1}] | error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
                "{} | [{'op':'remove','path':'/a'}] | error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
                "{'a':[1]} | [{'op':'replace','path':'/a/1','value':1}] | replace operation does not apply: doc is missing key: /a/1: missing value",
                "{'a':1} | [{'op':'test','path':'/a','value':2}] | testing value /a failed: test failed",
                "{'a':1} | [{'op':'test','path':'/a','value':1.0}] | testing value /a failed: test failed",
                "{'a':{'b':1}} | [{'op':'test','path':'/a','value':{'b':1,'c':2}}] | testing value /a failed: test failed",
                "{} | [{'op':'move','from':'/a','path':'/b'}] | error in move for path: 'a': Unable to remove nonexistent key: a: missing value",
                "{'a':{'b':1}} | [{'op':'move','from':'/a','path':'/a/b'}] | move operation does not apply: doc is missing destination path: /a/b: missing value",
                "{} | [{'op':'add','value':1}] | add operation failed to decode path: missing value",
                "{} | [{'op':'merge','path':'/a'}] | Unexpected kind: merge",
                "{} | [{'path':'/a'}] | Unexpected kind: unknown",
                "{} | [{'op':'replace','path':'','value':[]}] | json: cannot unmarshal array into Go value of type map[string]interface {}",
            })
    void saysWhatDoesNotFit(String object, String patch, String message) {
        PatchException failure = assertThrows(PatchException.class, () -> patched(object, patch));
        assertEquals(message, failure.message());
        assertEquals(422, failure.asAnswer().code());
        assertEquals(
                "the server rejected our request due to an error in our request",
                failure.asAnswer().message());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'op':'add'} | error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
                "[1] | error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
                "[{'op':'add','path':1}] | error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string",
            })
    void refusesWhatIsNoPatch(String patch, String message) {
        ApiException failure = assertThrows(ApiException.class, () -> JsonPatch.parse(bytes(patch)));
        assertEquals(400, failure.code());
        assertEquals(message, failure.message());
    }

    @Test
    void tellsUnknownAndRepeatedFields() {
        JsonPatch patch = JsonPatch.parse(bytes("[{'op':'add','path':'/a','path':'/b','value':1,'with':2}]"));
        assertEquals(
                List.of("json patch duplicate field \"[0].path\"", "json patch unknown field \"[0].with\""),
                patch.strictErrors());
    }

    @Test
    void leavesTheObjectAsItIs() {
        ObjectNode object = Json.parseObject(bytes("{'a':{'b':[1,2]}}"));
        ObjectNode before = object.deepCopy();
        JsonPatch.parse(bytes("[{'op':'remove','path':'/a/b/0'},{'op':'add','path':'/a/c','value':{}}]"))
                .apply(object);
        assertEquals(before, object);
    }

    /** CVE-2019-11253's neighbour: an unlimited number of operations. */
    @Test
    void takesTenThousandOperationsAndNoMore() {
        String one = "{'op':'add','path':'/a/0','value':1},";
        String most = "[" + one.repeat(JsonPatch.OPERATIONS_MAX).replaceAll(",$", "") + "]";
        ObjectNode result = assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> JsonPatch.parse(bytes(most)).apply(Json.parseObject(bytes("{'a':[]}"))));
        assertEquals(JsonPatch.OPERATIONS_MAX, result.path("a").size());

        String tooMany = "[" + one.repeat(JsonPatch.OPERATIONS_MAX) + "{'op':'remove','path':'/a'}]";
        ApiException failure = assertThrows(ApiException.class, () -> JsonPatch.parse(bytes(tooMany)));
        assertEquals(413, failure.code());
        assertEquals(
                "Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
                failure.message());
    }

    @Test
    void stopsCopiesThatMultiply() {
        StringBuilder patch = new StringBuilder("[{'op':'add','path':'/a','value':['xxxxxxxxxxxxxxxx']}");
        for (int i = 0; i < 40; i++) {
            patch.append(",{'op':'copy','from':'/a','path':'/a/-'}");
        }
        PatchException failure = assertThrows(PatchException.class, () -> patched("{}", patch + "]"));
        assertEquals(
                "Unable to complete the copy, the accumulated size increase of copy is ",
                failure.message().substring(0, 70));
    }

    @Test
    void stopsNestingThatNobodyCouldReadAgain() {
        StringBuilder copies = new StringBuilder("[{'op':'add','path':'/a','value':{}}");
        StringBuilder adds = new StringBuilder("[{'op':'add','path':'/a','value':{}}");
        String path = "/a";
        for (int i = 0; i < 12; i++) {
            copies.append(",{'op':'copy','from':'/a','path':'").append(path).append("/a'}");
            path += "/a".repeat(1 << i);
        }
        StringBuilder step = new StringBuilder("/a");
        for (int i = 0; i < 3_000; i++) {
            step.append("/a");
            adds.append(",{'op':'add','path':'").append(step).append("','value':{}}");
        }
        assertEquals(
                "exceeded max depth",
                assertThrows(PatchException.class, () -> patched("{}", copies + "]"))
                        .message());
        assertEquals(
                "exceeded max depth",
                assertThrows(PatchException.class, () -> patched("{}", adds + "]"))
                        .message());
    }
}
