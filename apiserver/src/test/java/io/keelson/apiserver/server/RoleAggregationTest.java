package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The roles {@code view}, {@code edit} and {@code admin} grant what they should without a controller manager. */
final class RoleAggregationTest {
    private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String SECRETS = "/api/v1/namespaces/default/secrets";
    private static final String BOATS = "/apis/keelson.example/v1/namespaces/default/boats";
    private static final Duration SOON = Duration.ofSeconds(5);

    private static void bind(LiveUsers.User admin, String role, String user) {
        admin.post(
                        BINDINGS,
                        "{'metadata':{'name':'" + user + "'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io',"
                                + "'kind':'ClusterRole','name':'" + role
                                + "'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'User','name':'" + user
                                + "'}]}")
                .succeeded();
    }

    @Test
    void whoMayViewSeesPodsAndNoSecretsAndWhatIsAddedSoon(@TempDir Path folder) throws Exception {
        try (LiveUsers server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            // The rules are there before anybody is served.
            for (String role : new String[] {"view", "edit", "admin"}) {
                assertTrue(
                        admin.get(ROLES + "/" + role)
                                        .succeeded()
                                        .body()
                                        .path("rules")
                                        .size()
                                > 3,
                        role);
            }
            for (String role : new String[] {"view", "edit", "admin"}) {
                bind(admin, role, role + "er");
            }
            LiveUsers.User viewer = server.user("viewer");
            Deadline.await(() -> viewer.get(PODS).code() == 200);
            assertEquals(403, viewer.get(SECRETS).code());
            assertEquals(403, viewer.post(PODS, "{'metadata':{'name':'p'}}").code());
            LiveUsers.User editor = server.user("editer");
            Deadline.await(() -> editor.get(SECRETS).code() == 200);
            assertEquals(403, editor.get(BINDINGS).code());
            LiveUsers.User owner = server.user("adminer");
            Deadline.await(() -> owner.get(BINDINGS).code() == 200);

            admin.post(
                            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                            "{'metadata':{'name':'boats.keelson.example'},'spec':{'group':'keelson.example','scope':'Namespaced',"
                                    + "'names':{'plural':'boats','singular':'boat','kind':'Boat','listKind':'BoatList'},"
                                    + "'versions':[{'name':'v1','served':true,'storage':true,"
                                    + "'schema':{'openAPIV3Schema':{'type':'object'}}}]}}")
                    .succeeded();
            Deadline.await(() -> admin.get(BOATS).code() == 200);
            assertEquals(403, viewer.get(BOATS).code());
            admin.post(
                            ROLES,
                            "{'metadata':{'name':'boats','labels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}},"
                                    + "'rules':[{'apiGroups':['keelson.example'],'resources':['boats'],'verbs':['get','list']}]}")
                    .succeeded();
            long begun = System.nanoTime();
            Deadline.await(() -> viewer.get(BOATS).code() == 200);
            long took = System.nanoTime() - begun;
            assertTrue(took < SOON.toNanos(), took / 1_000_000 + " ms");
            // And from there to those who collect from the one that has collected.
            Deadline.await(() -> owner.get(BOATS).code() == 200);

            admin.delete(ROLES + "/boats").succeeded();
            Deadline.await(() -> viewer.get(BOATS).code() == 403);
            Deadline.await(() -> owner.get(BOATS).code() == 403);
        }
    }

    @Test
    void rulesAreManagedAsByAControllerManagerAndWrittenOnlyOnChange(@TempDir Path folder) throws Exception {
        try (LiveUsers server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            JsonNode managed = null;
            for (JsonNode entry : admin.get(ROLES + "/view").body().at("/metadata/managedFields")) {
                if (entry.path("manager").asText().equals("clusterrole-aggregation-controller")) {
                    managed = entry;
                }
            }
            assertTrue(managed != null);
            assertEquals("Apply", managed.path("operation").asText());
            assertEquals("{\"f:rules\":{}}", managed.path("fieldsV1").toString());

            // Roles that are none of its business, and one that collects what is known already, change nothing.
            String before = versions(admin);
            admin.post(ROLES, "{'metadata':{'name':'unrelated'},'rules':[]}").succeeded();
            admin.post(
                            ROLES,
                            "{'metadata':{'name':'collects'},'aggregationRule':{'clusterRoleSelectors':"
                                    + "[{'matchLabels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}}]}}")
                    .succeeded();
            Deadline.await(
                    () -> admin.get(ROLES + "/collects").body().path("rules").equals(rules(admin, "view")));
            assertEquals(before, versions(admin));

            // Whoever writes the rules by hand does not keep them.
            JsonNode should = rules(admin, "view");
            admin.merge(ROLES + "/view", "{'rules':[]}").succeeded();
            Deadline.await(() -> rules(admin, "view").equals(should));
        }
    }

    private static JsonNode rules(LiveUsers.User user, String role) {
        return user.get(ROLES + "/" + role).body().path("rules");
    }

    private static String versions(LiveUsers.User user) {
        StringBuilder versions = new StringBuilder();
        for (String role : new String[] {"view", "edit", "admin"}) {
            versions.append(user.get(ROLES + "/" + role).text("/metadata/resourceVersion"))
                    .append(' ');
        }
        return versions.toString();
    }

    @Test
    void twoServersOnOneStoreComeToRest(@TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder.resolve("store"))) {
            ApiServerConfig config = ApiServerConfig.ephemeral().withStore(EtcdConnection.to(store.urls()));
            try (LiveUsers first = LiveUsers.start(config, folder.resolve("first"));
                    LiveUsers second = LiveUsers.start(config, folder.resolve("second"))) {
                String label = "'labels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}";
                for (int i = 0; i < 20; i++) {
                    LiveUsers.User user = (i % 2 == 0 ? first : second).admin();
                    user.post(
                                    ROLES,
                                    "{'metadata':{'name':'r" + i + "'," + label
                                            + "},'rules':[{'apiGroups':['x'],'resources':['r" + i
                                            + "'],'verbs':['get']}]}")
                            .succeeded();
                }
                for (String role : new String[] {"view", "edit", "admin"}) {
                    Deadline.await(() -> rules(first.admin(), role).toString().contains("\"r19\"")
                            && rules(first.admin(), role).toString().contains("\"r0\"")
                            && rules(second.admin(), role).equals(rules(first.admin(), role)));
                }
                // Whatever makes them look again, they find nothing to write.
                String before = versions(first.admin());
                JsonNode collected = rules(first.admin(), "view");
                for (int i = 0; i < 10; i++) {
                    String name = ROLES + "/collects" + i;
                    (i % 2 == 0 ? first : second)
                            .admin()
                            .post(
                                    ROLES,
                                    "{'metadata':{'name':'collects" + i
                                            + "'},'aggregationRule':{'clusterRoleSelectors':"
                                            + "[{'matchLabels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}}]}}")
                            .succeeded();
                    Deadline.await(
                            () -> first.admin().get(name).body().path("rules").equals(collected));
                }
                assertEquals(before, versions(first.admin()));
                assertEquals(before, versions(second.admin()));
            }
        }
    }
}
