package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Devices that others use are reached from namespaces that are labelled for it, and from no others. */
@ExtendWith(LiveApi.Extension.class)
class AdminAccessTest {
    private static final String WHY = "admin access to devices requires the"
            + " `resource.kubernetes.io/admin-access: true` label on the containing namespace";
    private static final String DEVICES = "'devices': {'requests': ["
            + "{'name': 'a', 'exactly': {'deviceClassName': 'gpu'}},"
            + " {'name': 'b', 'exactly': {'deviceClassName': 'gpu', 'adminAccess': true}}]}";
    private static final String CLAIM = "{'metadata': {'name': 'mine'}, 'spec': {" + DEVICES + "}}";
    private static final String TEMPLATE = "{'metadata': {'name': 'mine'}, 'spec': {'spec': {" + DEVICES + "}}}";
    private static final String GIVEN = "{'status': {'allocation': {'devices': {'results': [{'request': 'a',"
            + " 'driver': 'a.example.com', 'pool': 'p', 'device': 'd', 'adminAccess': true}]}}}}";

    private final LiveApi api;
    private final String namespace;
    private final String path;

    AdminAccessTest(LiveApi api) {
        this.api = api;
        namespace = api.namespace();
        path = "/apis/resource.k8s.io/v1/namespaces/" + namespace + "/";
    }

    private void label(String value) {
        api.merge(
                        "/api/v1/namespaces/" + namespace,
                        "{'metadata': {'labels': {'resource.kubernetes.io/admin-access': '" + value + "'}}}")
                .succeeded();
    }

    private static void refused(String kind, String field, Answer answer) {
        assertEquals(422, answer.code(), answer.body()::toString);
        assertEquals("Invalid", answer.reason());
        assertEquals(kind + ".resource.k8s.io \"mine\" is invalid: " + field + ": Forbidden: " + WHY, answer.message());
        assertEquals(field, answer.text("/details/causes/0/field"));
        assertEquals("FieldValueForbidden", answer.text("/details/causes/0/reason"));
    }

    @Test
    void claimsAskForItOnlyWhereTheNamespaceSaysSo() {
        String requested = "spec.devices.requests[1].adminAccess";
        refused("ResourceClaim", requested, api.post(path + "resourceclaims", CLAIM));
        refused("ResourceClaimTemplate", requested, api.post(path + "resourceclaimtemplates", TEMPLATE));
        label("false");
        refused("ResourceClaim", requested, api.post(path + "resourceclaims", CLAIM));
        label("true");
        Answer made = api.post(path + "resourceclaims", CLAIM).succeeded();
        assertTrue(made.at("/spec/devices/requests/1/exactly/adminAccess").asBoolean());
        api.post(path + "resourceclaimtemplates", TEMPLATE).succeeded();
    }

    @Test
    void itIsGivenOnlyThereEither() {
        api.post(path + "resourceclaims", CLAIM.replace("'adminAccess': true", "'adminAccess': false"))
                .succeeded();
        String status = path + "resourceclaims/mine/status";
        refused("ResourceClaim", "status.allocation.devices.results[0].adminAccess", api.merge(status, GIVEN));
        assertTrue(api.get(status).at("/status").isEmpty());
        label("true");
        Answer given = api.merge(status, GIVEN).succeeded();
        assertTrue(given.at("/status/allocation/devices/results/0/adminAccess").asBoolean());
    }
}
