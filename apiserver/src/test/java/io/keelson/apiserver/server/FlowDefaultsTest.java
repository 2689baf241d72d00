package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.rest.TestRest;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flow schemas are kept as they should be, unless they are somebody's own. */
final class FlowDefaultsTest {
    private static final String GROUP = "flowcontrol.apiserver.k8s.io";

    @Test
    void keepsWhatNobodyHasMadeTheirOwn(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                TestRest server = TestRest.on(etcd, TestRest.ALL, InstantSource.system())) {
            RestApi rest = server.rest();
            Resource schemas = rest.resource(GROUP, "flowschemas");
            Resource levels = rest.resource(GROUP, "prioritylevelconfigurations");
            FlowDefaults defaults = new FlowDefaults(rest);
            defaults.round();
            String untouched = version(rest, schemas, "exempt");
            precedence(rest, schemas, "probes", 3, null);
            precedence(rest, schemas, "service-accounts", 8_999, "false");
            assertThrows(ApiException.class, () -> precedence(rest, schemas, "catch-all", 9_999, "false"));
            precedence(rest, schemas, "catch-all", 10_000, "false");
            precedence(rest, schemas, "global-default", 9_901, "");
            var _ = rest.update(levels, "", "exempt", level -> {
                ((ObjectNode) level.at("/spec/exempt")).put("lendablePercent", 10L);
                return level;
            });
            ObjectNode former = read(rest, schemas, "probes").deepCopy();
            ObjectMeta.setName(former, "former");
            ObjectMeta.setResourceVersion(former, "");
            var _ = rest.create(schemas, former);
            var _ = rest.cache(schemas).consistentSnapshot();

            defaults.round();
            assertEquals(
                    2,
                    read(rest, schemas, "probes").at("/spec/matchingPrecedence").asInt());
            assertEquals(
                    8_999,
                    read(rest, schemas, "service-accounts")
                            .at("/spec/matchingPrecedence")
                            .asInt());
            assertEquals(
                    10_000,
                    read(rest, schemas, "catch-all")
                            .at("/spec/matchingPrecedence")
                            .asInt());
            assertEquals("true", ObjectMeta.annotation(read(rest, schemas, "catch-all"), FlowDefaults.AUTO_UPDATE));
            ObjectNode changed = read(rest, schemas, "global-default");
            assertEquals(9_901, changed.at("/spec/matchingPrecedence").asInt());
            assertEquals("false", ObjectMeta.annotation(changed, FlowDefaults.AUTO_UPDATE));
            assertEquals(
                    10,
                    read(rest, levels, "exempt")
                            .at("/spec/exempt/lendablePercent")
                            .asInt());
            assertNull(rest.read(schemas, "", "former"));
            assertEquals(untouched, version(rest, schemas, "exempt"));
        }
    }

    private static ObjectNode read(RestApi rest, Resource resource, String name) throws InterruptedException {
        ObjectNode object = rest.read(resource, "", name);
        assertNotNull(object, name);
        return object;
    }

    private static String version(RestApi rest, Resource resource, String name) throws InterruptedException {
        return ObjectMeta.resourceVersion(read(rest, resource, name));
    }

    /** @param annotation null to leave it, empty to take it away */
    private static void precedence(
            RestApi rest, Resource schemas, String name, long precedence, @Nullable String annotation)
            throws InterruptedException {
        var _ = rest.update(schemas, "", name, schema -> {
            ((ObjectNode) schema.path("spec")).put("matchingPrecedence", precedence);
            if (annotation != null) {
                ObjectNode annotations =
                        (ObjectNode) ObjectMeta.metadata(schema).path("annotations");
                if (annotation.isEmpty()) {
                    annotations.remove(FlowDefaults.AUTO_UPDATE);
                } else {
                    annotations.put(FlowDefaults.AUTO_UPDATE, annotation);
                }
            }
            return schema;
        });
    }
}
