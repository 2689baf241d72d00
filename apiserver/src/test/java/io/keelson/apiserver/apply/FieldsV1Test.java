package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsV1Test {
    private static String rewritten(String fields) {
        return Json.text(FieldsV1.write(FieldsV1.read(Json.parse(fields.replace('\'', '"')))))
                .replace('"', '\'');
    }

    @Test
    void elementsStandInOrder() {
        assertEquals(
                "{'f:a':{},'f:b':{'.':{},'f:c':{}},'k:{\\'name\\':\\'x\\'}':{},'k:{\\'name\\':\\'y\\'}':{},"
                        + "'v:1':{},'v:2':{},'v:\\'a\\'':{},'v:true':{},'i:0':{},'i:10':{}}",
                rewritten("{'i:10':{},'i:0':{},'v:true':{},'v:\\'a\\'':{},'v:2':{},'v:1':{},"
                        + "'k:{\\'name\\':\\'y\\'}':{},'k:{\\'name\\':\\'x\\'}':{},'f:b':{'f:c':{},'.':{}},'f:a':{}}"));
    }

    @Test
    void keysAreSortedByName() {
        assertEquals(
                "{'k:{\\'port\\':80,\\'protocol\\':\\'TCP\\'}':{}}",
                rewritten("{'k:{\\'protocol\\':\\'TCP\\',\\'port\\':80}':{}}"));
    }

    @Test
    void numbersAreTheSameHoweverTheyAreWritten() {
        assertEquals(FieldsV1.read(Json.parse("{\"v:1\":{}}")), FieldsV1.read(Json.parse("{\"v:1.0\":{}}")));
    }

    @Test
    void unknownKindsOfElementsAreLeftOut() {
        assertEquals("{'f:a':{}}", rewritten("{'f:a':{},'z:b':{}}"));
        assertEquals("{'f:a':{}}", rewritten("{'f:a':{'z:b':{}}}"));
    }

    @Test
    void textIsOrderedAsItsBytesAre() {
        assertEquals(
                "{'f:z':{},'f:\uFFFD':{},'f:\uD83D\uDE00':{}}",
                rewritten("{'f:\uD83D\uDE00':{},'f:\uFFFD':{},'f:z':{}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'f':{}}",
                "{'fa':{}}",
                "{'v:':{}}",
                "{'v:{':{}}",
                "{'k:[]':{}}",
                "{'k:x':{}}",
                "{'i:x':{}}",
                "{'i:99999999999':{}}",
                "[]",
                "{'f:a':1}",
                "'x'"
            })
    void refusesWhatIsNoSet(String fields) {
        assertThrows(MalformedException.class, () -> rewritten(fields));
    }

    /** Giant keys and deep sets come in through any update; they cost what their bytes cost. */
    @Test
    void takesGiantAndDeepSets() {
        String giant = "{'f:" + "x".repeat(1_000_000) + "':{}}";
        assertEquals(giant, rewritten(giant));
        String deep = "{'f:a':".repeat(400) + "{}" + "}".repeat(400);
        assertEquals(deep, rewritten(deep));
        String nested = "{\"v:" + "[".repeat(5_000) + "\":{}}";
        assertThrows(MalformedException.class, () -> FieldsV1.read(Json.parse(nested)));
    }
}
