package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Managers in different versions of a custom kind: in v1 the size is {@code spec.size}, in v2 {@code spec.scale}. */
class VersionsTest {
    private static final Resource THINGS = Resource.named("test", "things", "Thing")
            .version(new ServedVersion("v2", Schema.ANYTHING, null, List.of()))
            .version(new ServedVersion("v1", Schema.ANYTHING, null, List.of()))
            .conversion((object, from, to) -> {
                rename(object, from.equals("v1") ? "size" : "scale", to.equals("v1") ? "size" : "scale");
                return object;
            })
            .custom(1)
            .build();

    private static void rename(ObjectNode object, String from, String to) {
        if (object.path("spec") instanceof ObjectNode spec && spec.has(from)) {
            JsonNode value = spec.remove(from);
            spec.set(to, value);
        }
    }

    private static FieldManager manager(String version) {
        return new FieldManager(
                Versions.of(THINGS),
                new GroupVersionKind("test", version, "Thing"),
                "",
                Map.of(),
                true,
                () -> Instant.ofEpochSecond(1_000));
    }

    private static ObjectNode thing(String version, String spec) {
        return (ObjectNode) Json.parse(
                ("{'apiVersion':'test/" + version + "','kind':'Thing','metadata':{'name':'t'},'spec':" + spec + "}")
                        .replace('\'', '"'));
    }

    private static ObjectNode in(String version, ObjectNode object) {
        return Versions.of(THINGS).convert(object, "test/" + version);
    }

    @Test
    void conflictsAreToldInTheVersionOfWhoHasTheField() {
        ObjectNode live = manager("v1").apply(null, thing("v1", "{'size':1,'a':1}"), "old", false);
        ApiException conflict = assertThrows(
                ApiException.class,
                () -> manager("v2").apply(in("v2", live), thing("v2", "{'scale':2}"), "new", false));
        assertEquals("Apply failed with 1 conflict: conflict with \"old\": .spec.size", conflict.message());

        ObjectNode forced = manager("v2").apply(in("v2", live), thing("v2", "{'scale':2}"), "new", true);
        assertEquals("{\"a\":1,\"scale\":2}", forced.path("spec").toString());
        assertEquals(
                "[\"test/v2\",\"test/v1\"]",
                Json.array(forced.findValues("managedFields").getFirst().findValuesAsText("apiVersion"))
                        .toString());
    }

    @Test
    void whatWasAppliedInAnotherVersionIsRemovedToo() {
        ObjectNode live = manager("v1").apply(null, thing("v1", "{'size':1,'a':1}"), "me", false);
        ObjectNode applied = manager("v2").apply(in("v2", live), thing("v2", "{'a':1}"), "me", false);
        assertEquals("{\"a\":1}", applied.path("spec").toString());
        ObjectNode kept = manager("v2").apply(in("v2", live), thing("v2", "{'scale':1}"), "me", false);
        assertEquals("{\"scale\":1}", kept.path("spec").toString());
        assertEquals("test/v2", kept.at("/metadata/managedFields/0/apiVersion").asText());
    }

    @Test
    void metadataOfCustomKindsIsMergedAsThatOfAll() {
        ObjectNode config = thing("v1", "{'list':[1]}");
        config.withObject("/metadata").putArray("finalizers").add("x/a");
        ObjectNode live = manager("v1").apply(null, config, "a", false);
        ObjectNode other = thing("v1", "{'list':[1]}");
        other.withObject("/metadata").putArray("finalizers").add("x/b");
        ObjectNode both = manager("v1").apply(live, other, "b", false);
        assertEquals("[\"x/a\",\"x/b\"]", both.at("/metadata/finalizers").toString());
    }
}
