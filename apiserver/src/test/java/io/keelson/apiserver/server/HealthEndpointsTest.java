package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.HealthHandler;
import io.keelson.apiserver.health.HealthMetrics;
import io.keelson.apiserver.health.Milestones;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.TestRequests;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server tells of its health, under the names of the original. */
final class HealthEndpointsTest {
    private static final List<String> EVERYWHERE = List.of(
            "ping",
            "log",
            "etcd",
            "poststarthook/start-apiserver-admission-initializer",
            "poststarthook/generic-apiserver-start-informers",
            "poststarthook/priority-and-fairness-config-consumer",
            "poststarthook/priority-and-fairness-filter",
            "poststarthook/storage-object-count-tracker-hook",
            "poststarthook/start-apiextensions-informers",
            "poststarthook/start-apiextensions-controllers",
            "poststarthook/crd-informer-synced",
            "poststarthook/start-cluster-authentication-info-controller",
            "poststarthook/start-kube-apiserver-identity-lease-controller",
            "poststarthook/start-legacy-token-tracking-controller",
            "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
            "poststarthook/start-service-ip-repair-controllers",
            "poststarthook/start-system-namespaces-controller",
            "poststarthook/rbac/bootstrap-roles",
            "poststarthook/scheduling/bootstrap-system-priority-classes",
            "poststarthook/priority-and-fairness-config-producer",
            "poststarthook/bootstrap-controller",
            "poststarthook/start-kubernetes-service-cidr-controller",
            "poststarthook/start-kube-aggregator-informers",
            "poststarthook/apiservice-status-local-available-controller",
            "poststarthook/apiservice-status-remote-available-controller",
            "poststarthook/apiservice-registration-controller",
            "poststarthook/apiservice-discovery-controller",
            "poststarthook/kube-apiserver-autoregistration",
            "autoregister-completion",
            "poststarthook/apiservice-openapi-controller",
            "poststarthook/apiservice-openapiv3-controller");
    private static final List<String> READINESS = List.of("etcd-readiness", "informer-sync", "shutdown");

    private static String text(LiveUsers.Answer answer) {
        return new String(answer.response().body(), StandardCharsets.UTF_8);
    }

    @Test
    void tellsOfEveryPartAndEachByItself(@TempDir Path folder) throws Exception {
        try (LiveUsers server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            // Who has started a server need not wait for it.
            assertEquals("ok", text(admin.get("/readyz")));
            for (String root : List.of("healthz", "livez", "readyz")) {
                String all = text(admin.get("/" + root + "?verbose"));
                for (String name : EVERYWHERE) {
                    assertTrue(all.contains("[+]" + name + " ok\n"), name + " in " + all);
                    assertEquals("ok", text(admin.get("/" + root + "/" + name)));
                }
                for (String name : READINESS) {
                    assertEquals(root.equals("readyz"), all.contains("[+]" + name + " ok\n"), name + " in " + all);
                    assertEquals(
                            root.equals("readyz") ? 200 : 404,
                            admin.get("/" + root + "/" + name).code());
                }
                assertFalse(all.contains("max-in-flight-filter"), all);
            }
            String without = text(admin.get(
                    "/readyz?verbose&exclude=informer-sync&exclude=autoregister-completion&exclude=b&exclude=a"));
            assertTrue(without.contains("[+]informer-sync excluded: ok\n"), without);
            assertTrue(without.contains("[+]autoregister-completion excluded: ok\n"), without);
            assertTrue(
                    without.contains("warn: some health checks cannot be excluded: no matches for \"a\",\"b\"\n"),
                    without);
            assertEquals(
                    404, admin.get("/readyz/poststarthook/start-nothing-at-all").code());
        }
    }

    @Test
    void aPartThatIsMissingIsNotToldOf(@TempDir Path folder) throws Exception {
        try (LiveUsers server =
                LiveUsers.start(Flags.config(folder, "--enable-priority-and-fairness=false"), folder.resolve("more"))) {
            String all = text(server.admin().get("/readyz?verbose"));
            assertTrue(all.contains("[+]poststarthook/max-in-flight-filter ok\n"), all);
            assertFalse(all.contains("priority-and-fairness-filter"), all);
            assertFalse(all.contains("priority-and-fairness-config-consumer"), all);
        }
    }

    @Test
    void whatHasNotHappenedYetIsNotWell() throws InterruptedException {
        Milestones milestones = new Milestones();
        List<HealthCheck> checks =
                List.of(milestones.check("poststarthook/one"), milestones.check("poststarthook/two"));
        HealthHandler handler = new HealthHandler("readyz", checks, new HealthMetrics(new Metrics()));
        milestones.reach("poststarthook/one");
        ApiResponse.Whole half = (ApiResponse.Whole) handler.handle(TestRequests.get("/readyz"));
        assertEquals(500, half.status());
        String lines = StandardCharsets.UTF_8.decode(half.parts().getFirst()).toString();
        assertEquals(
                "[+]poststarthook/one ok\n[-]poststarthook/two failed: reason withheld\nreadyz check failed\n", lines);
        assertEquals(
                200,
                handler.handle(TestRequests.get("/readyz?exclude=poststarthook/two"))
                        .status());
        milestones.reach("poststarthook/two");
        assertEquals(200, handler.handle(TestRequests.get("/readyz")).status());
    }
}
