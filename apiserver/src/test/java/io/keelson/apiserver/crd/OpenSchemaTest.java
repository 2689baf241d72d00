package io.keelson.apiserver.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.StructuralSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class OpenSchemaTest {
    private static final String BOAT =
            "{apiVersion: example.com/v1, kind: Boat, metadata: {name: gig}, spec: {oars: 6, sails: {main: 1}}, crew:"
                    + " [{a: 1}]}";

    private static ObjectNode read(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static ObjectNode pruned(String version, boolean open) {
        ObjectNode definition =
                read("{metadata: {name: boats.example.com}, spec: {group: example.com, scope: Namespaced,"
                        + " preserveUnknownFields: " + open
                        + ", names: {plural: boats, kind: Boat}, versions: [{name: v1,"
                        + " served: true, storage: true" + version + "}]}}");
        ObjectNode boat = read(BOAT);
        Pruning.prune(
                boat, StructuralSchema.read(Definition.of(definition).stored().schema()));
        return boat;
    }

    @Test
    void withoutASchemaEverythingIsKept() {
        assertEquals(read(BOAT), pruned("", true));
    }

    @Test
    void whatTheSchemaDoesNotHaveIsKeptEverywhere() {
        String schema =
                ", schema: {openAPIV3Schema: {properties: {spec: {type: object, properties: {oars: {type: integer},"
                        + " sails: {type: object}}}, crew: {type: array, items: {type: object}}}}}";
        assertEquals(read(BOAT), pruned(schema, true));
    }

    @Test
    void otherDefinitionsDropIt() {
        String schema =
                ", schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {oars:"
                        + " {type: integer}}}}}}";
        assertEquals(
                read("{apiVersion: example.com/v1, kind: Boat, metadata: {name: gig}, spec: {oars: 6}}"),
                pruned(schema, false));
    }
}
