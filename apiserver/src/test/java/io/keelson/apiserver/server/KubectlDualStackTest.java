package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services in a cluster of both families, through the real kubectl. */
final class KubectlDualStackTest {
    private static final String ADDRESSES = "jsonpath={.spec.ipFamilyPolicy} {.spec.ipFamilies} {.spec.clusterIPs}";

    @Test
    void addsAndTakesASecondAddress(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ApiServerConfig config = new ApiServerConfig(
                plain.bindAddress(),
                plain.securePort(),
                null,
                null,
                null,
                null,
                plain.authorizationModes(),
                plain.anonymous(),
                "10.96.0.0/24,fd00:96::/112",
                plain.eventTimeToLive(),
                plain.requestTimeoutMin(),
                plain.cluster());
        try (ApiServer server = ApiServer.start(config)) {
            Kubectl kubectl = new Kubectl(server, folder);
            kubectl.with(
                    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIPs: [10.96.0.9, 'fd00:96::9'],"
                            + " clusterIP: 10.96.0.9, ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}\n",
                    "create",
                    "-f",
                    "-");
            assertEquals(
                    "RequireDualStack [\"IPv4\",\"IPv6\"] [\"10.96.0.9\",\"fd00:96::9\"]",
                    kubectl.run("get", "service", "web", "-o", ADDRESSES));
            assertEquals(
                    "IPv6",
                    kubectl.run(
                            "get",
                            "ipaddress",
                            "fd00:96::9",
                            "-o",
                            "jsonpath={.metadata.labels.ipaddress\\.kubernetes\\.io/ip-family}"));
            kubectl.run("patch", "service", "web", "-p", "{\"spec\":{\"ipFamilyPolicy\":\"SingleStack\"}}");
            assertEquals(
                    "SingleStack [\"IPv4\"] [\"10.96.0.9\"]", kubectl.run("get", "service", "web", "-o", ADDRESSES));
            assertTrue(kubectl.fail("", "get", "ipaddress", "fd00:96::9").contains("not found"));
            kubectl.run("patch", "service", "web", "-p", "{\"spec\":{\"ipFamilyPolicy\":\"PreferDualStack\"}}");
            String both = kubectl.run("get", "service", "web", "-o", ADDRESSES);
            assertTrue(both.startsWith("PreferDualStack [\"IPv4\",\"IPv6\"] [\"10.96.0.9\",\"fd00:96::"), both);
            kubectl.run("delete", "service", "web");
            assertEquals("ipaddress.networking.k8s.io/10.96.0.1", kubectl.run("get", "ipaddress", "-o", "name"));
            assertEquals(
                    "[\"10.96.0.0/24\",\"fd00:96::/112\"]",
                    kubectl.run("get", "servicecidr", "kubernetes", "-o", "jsonpath={.spec.cidrs}"));
        }
    }
}
