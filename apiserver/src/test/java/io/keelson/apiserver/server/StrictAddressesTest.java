package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Addresses that programs do not read alike, where they are allowed, and later on the same store where they are not. */
final class StrictAddressesTest {
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final String REFUSED =
            "Service \"%s\" is invalid: spec.externalIPs[0]: Invalid value: \"%s\":" + " must not have leading 0s";

    private static String service(String name, String address) {
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{\"ports\":[{\"port\":53}],\"externalIPs\":[\""
                + address + "\"]}}";
    }

    private static Caller.Answer merge(Caller caller, String path, String change) throws Exception {
        return caller.call("PATCH", path, change, "Content-Type", "application/merge-patch+json");
    }

    private static String status(String address) {
        return "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"" + address + "\",\"ipMode\":\"VIP\"}]}}}";
    }

    @Test
    void whatWasStoredStaysAndNothingIsAdded(@TempDir Path folder) throws Exception {
        try (ApiServer lenient = ApiServer.start(Flags.config(folder, "--feature-gates=StrictIPCIDRValidation=false"));
                Caller admin = Caller.admin(lenient)) {
            Caller.Answer created =
                    admin.post(SERVICES, service("old", "010.1.2.3")).succeeded();
            assertTrue(
                    created.warnings()
                            .toString()
                            .contains("non-standard IP address \\\"010.1.2.3\\\" will be considered invalid"),
                    () -> created.warnings().toString());
            merge(admin, SERVICES + "/old", "{\"spec\":{\"type\":\"LoadBalancer\"}}")
                    .succeeded();
            merge(admin, SERVICES + "/old/status", status("011.1.2.3")).succeeded();
        }
        try (ApiServer strict = ApiServer.start(Flags.config(folder));
                Caller admin = Caller.admin(strict)) {
            Caller.Answer created = admin.post(SERVICES, service("new", "010.1.2.3"));
            assertEquals(422, created.code());
            assertEquals(REFUSED.formatted("new", "010.1.2.3"), created.at("/message"));

            merge(admin, SERVICES + "/old", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}")
                    .succeeded();
            Caller.Answer changed =
                    merge(admin, SERVICES + "/old", "{\"spec\":{\"externalIPs\":[\"010.1.2.4\",\"010.1.2.3\"]}}");
            assertEquals(422, changed.code());
            assertEquals(REFUSED.formatted("old", "010.1.2.4"), changed.at("/message"));

            merge(admin, SERVICES + "/old/status", status("011.1.2.3")).succeeded();
            Caller.Answer status = merge(admin, SERVICES + "/old/status", status("::ffff:10.1.2.3"));
            assertEquals(422, status.code());
            assertEquals(
                    "Service \"old\" is invalid: status.loadBalancer.ingress[0].ip: Invalid value:"
                            + " \"::ffff:10.1.2.3\": must not be an IPv4-mapped IPv6 address",
                    status.at("/message"));
        }
    }
}
