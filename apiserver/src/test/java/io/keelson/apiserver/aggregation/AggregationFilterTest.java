package io.keelson.apiserver.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AggregationFilterTest {
    @Test
    void knowsWhichServiceAPathBelongsTo() {
        assertEquals("v1.apps", AggregationFilter.nameOf("/apis/apps/v1"));
        assertEquals("v1.apps", AggregationFilter.nameOf("/apis/apps/v1/namespaces/x/deployments/y"));
        assertEquals("v1.", AggregationFilter.nameOf("/api/v1/pods"));
        for (String path : List.of("/", "", "/apis", "/apis/apps", "/api", "/version", "/openapi/v3/apis/apps/v1")) {
            assertNull(AggregationFilter.nameOf(path), path);
        }
    }
}
