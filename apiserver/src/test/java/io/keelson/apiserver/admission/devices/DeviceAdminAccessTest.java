package io.keelson.apiserver.admission.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import org.junit.jupiter.api.Test;

class DeviceAdminAccessTest {
    private static final String CLAIMS = "resourceclaims.resource.k8s.io";
    private static final String TEMPLATES = "resourceclaimtemplates.resource.k8s.io";
    private static final String WHY = ": Forbidden: admin access to devices requires the"
            + " `resource.kubernetes.io/admin-access: true` label on the containing namespace";
    private static final String REQUESTS = "devices: {requests: [{name: a, exactly: {deviceClassName: gpu}},"
            + " {name: b, exactly: {deviceClassName: gpu, adminAccess: true}}]}";
    private static final String CLAIM = "{metadata: {name: c}, spec: {" + REQUESTS + "}}";
    private static final String TEMPLATE = "{metadata: {name: c}, spec: {spec: {" + REQUESTS + "}}}";
    private static final String GIVEN =
            "{metadata: {name: c}, status: {allocation: {devices: {results: [{request: b, adminAccess: true}]}}}}";

    private static DeviceAdminAccess with(String labels) {
        return new DeviceAdminAccess(
                new TestObjects().with("namespaces", "{metadata: {name: default, labels: " + labels + "}}"));
    }

    private static final DeviceAdminAccess ORDINARY = with("{resource.kubernetes.io/admin-access: 'false'}");
    private static final DeviceAdminAccess OF_ADMINISTRATORS = with("{resource.kubernetes.io/admin-access: 'true'}");

    @Test
    void isForNamespacesWithTheLabel() throws InterruptedException {
        for (String refused : new String[] {
            TestWrite.create(CLAIMS, CLAIM).refusedBy(ORDINARY),
            TestWrite.create(TEMPLATES, TEMPLATE).refusedBy(ORDINARY),
            TestWrite.create(TEMPLATES, TEMPLATE).refusedBy(new DeviceAdminAccess(new TestObjects()))
        }) {
            assertTrue(refused.endsWith("spec.devices.requests[1].adminAccess" + WHY), refused);
        }
        assertFalse(TestWrite.create(CLAIMS, CLAIM).through(OF_ADMINISTRATORS).isEmpty());
        assertFalse(
                TestWrite.create(TEMPLATES, TEMPLATE).through(OF_ADMINISTRATORS).isEmpty());
    }

    @Test
    void whoDoesNotAskForItIsNotConcerned() throws InterruptedException {
        String claim = CLAIM.replace("adminAccess: true", "adminAccess: false");
        assertEquals(
                "c",
                TestWrite.create(CLAIMS, claim)
                        .through(ORDINARY)
                        .at("/metadata/name")
                        .asText());
        assertEquals(
                "c",
                TestWrite.create("configmaps", CLAIM)
                        .through(ORDINARY)
                        .at("/metadata/name")
                        .asText());
    }

    @Test
    void itIsNotGivenElsewhereEither() throws InterruptedException {
        String before = "{metadata: {name: c}}";
        String refused = TestWrite.update(CLAIMS, "status", GIVEN, before).refusedBy(ORDINARY);
        assertTrue(refused.endsWith("status.allocation.devices.results[0].adminAccess" + WHY), refused);
        assertFalse(TestWrite.update(CLAIMS, "status", GIVEN, before)
                .through(OF_ADMINISTRATORS)
                .isEmpty());
        assertFalse(
                TestWrite.update(CLAIMS, "status", GIVEN, GIVEN)
                        .through(ORDINARY)
                        .isEmpty(),
                "it was given before");
        assertFalse(TestWrite.update(CLAIMS, "", CLAIM, CLAIM).through(ORDINARY).isEmpty(), "labels of an old claim");
    }
}
