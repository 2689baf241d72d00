package io.keelson.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.errors.ApiException;
import org.junit.jupiter.api.Test;

class PatchTypeTest {
    @Test
    void isToldByTheContentType() {
        assertEquals(PatchType.JSON, PatchType.of("application/json-patch+json", false));
        assertEquals(PatchType.APPLY, PatchType.of("application/apply-patch+yaml; charset=utf-8", true));
        assertEquals(PatchType.STRATEGIC_MERGE, PatchType.of("application/strategic-merge-patch+json", false));
    }

    @Test
    void customKindsHaveNoStrategicMerge() {
        ApiException failure =
                assertThrows(ApiException.class, () -> PatchType.of("application/strategic-merge-patch+json", true));
        assertEquals(415, failure.code());
        assertEquals(
                "the body of the request was in an unknown format - accepted media types include: "
                        + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                failure.message());
    }
}
