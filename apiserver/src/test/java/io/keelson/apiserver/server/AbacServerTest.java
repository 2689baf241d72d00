package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that allows what a policy file says. */
final class AbacServerTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String[] JANE = {"Authorization", "Bearer t"};

    @Test
    void whatThePolicyFileSaysIsAllowedBesidesRoles(@TempDir Path folder) throws Exception {
        Path policies = Files.writeString(
                folder.resolve("policies"),
                "{\"apiVersion\":\"abac.authorization.kubernetes.io/v1beta1\",\"kind\":\"Policy\",\"spec\":"
                        + "{\"user\":\"jane\",\"namespace\":\"*\",\"resource\":\"configmaps\",\"readonly\":true}}\n");
        try (ApiServer server = ApiServer.start(Flags.config(
                        folder,
                        "--authorization-mode=Node,ABAC,RBAC",
                        "--authorization-policy-file=" + policies,
                        "--token-auth-file=" + Files.writeString(folder.resolve("tokens"), "t,jane,17,dev\n")));
                Caller admin = Caller.admin(server);
                Caller stranger = Caller.stranger(server)) {
            assertEquals(200, stranger.get(MAPS, JANE).code());
            Caller.Answer write = stranger.post(MAPS, "{\"metadata\":{\"name\":\"one\"}}", JANE);
            assertEquals(403, write.code());
            assertTrue(write.at("/message").contains("No policy matched."), write::text);
            assertEquals(
                    403,
                    stranger.get("/api/v1/namespaces/default/secrets", JANE).code());
            assertEquals(403, stranger.get(MAPS).code());

            admin.post(
                            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                            "{\"metadata\":{\"name\":\"jane\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                                    + "\"kind\":\"ClusterRole\",\"name\":\"edit\"},\"subjects\":[{\"kind\":\"User\","
                                    + "\"apiGroup\":\"rbac.authorization.k8s.io\",\"name\":\"jane\"}]}")
                    .succeeded();
            Deadline.await(() -> stranger.post(MAPS, "{\"metadata\":{\"name\":\"one\"}}", JANE)
                            .code()
                    == 201);
        }
    }

    @Test
    void aServerDoesNotStartWithAFileThatItCannotRead(@TempDir Path folder) throws Exception {
        Path policies = Files.writeString(folder.resolve("policies"), "{\"user\": true}\n");
        ApiServerConfig config =
                Flags.config(folder, "--authorization-mode=ABAC", "--authorization-policy-file=" + policies);
        assertEquals(
                "error reading policy file " + policies
                        + ", line 1: {\"user\": true}: json: cannot unmarshal bool into field user",
                assertThrows(IOException.class, () -> ApiServer.start(config).close())
                        .getMessage());
    }

    private static ApiServerConfig configured(Path folder, String type, String... flags) throws IOException {
        Path file = Files.writeString(
                folder.resolve("config"),
                "{\"apiVersion\":\"apiserver.config.k8s.io/v1\",\"kind\":\"AuthorizationConfiguration\","
                        + "\"authorizers\":[{\"type\":\"" + type + "\",\"name\":\"first\"}]}");
        List<String> all = new ArrayList<>(List.of("--authorization-config=" + file));
        all.addAll(List.of(flags));
        return Flags.config(folder, all.toArray(String[]::new));
    }

    @Test
    void aConfigurationMayNameTheModeToo(@TempDir Path folder) throws Exception {
        Path policies = Files.writeString(
                folder.resolve("policies"),
                "{\"apiVersion\":\"abac.authorization.kubernetes.io/v1beta1\",\"kind\":\"Policy\",\"spec\":"
                        + "{\"user\":\"jane\",\"namespace\":\"*\",\"resource\":\"configmaps\",\"readonly\":true}}\n");
        Path tokens = Files.writeString(folder.resolve("tokens"), "t,jane,17,dev\n");
        try (ApiServer server = ApiServer.start(configured(
                        folder, "ABAC", "--authorization-policy-file=" + policies, "--token-auth-file=" + tokens));
                Caller stranger = Caller.stranger(server)) {
            assertEquals(200, stranger.get(MAPS, JANE).code());
            assertEquals(
                    403,
                    stranger.get("/api/v1/namespaces/default/secrets", JANE).code());
        }
    }

    @Test
    void aConfigurationAndAPolicyFileNeedEachOther(@TempDir Path folder) throws Exception {
        ApiServerConfig without = configured(folder, "ABAC");
        assertEquals(
                "--authorization-config: " + folder.resolve("config") + ": authorization-mode ABAC's authorization"
                        + " policy file not passed: --authorization-policy-file",
                assertThrows(IOException.class, () -> ApiServer.start(without).close())
                        .getMessage());
        Path policies = Files.writeString(folder.resolve("policies"), "");
        ApiServerConfig unused = configured(folder, "RBAC", "--authorization-policy-file=" + policies);
        assertEquals(
                "cannot specify --authorization-policy-file without mode ABAC",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ApiServer.start(unused).close())
                        .getMessage());
    }
}
