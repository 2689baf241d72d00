package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A namespace of each level, through the real kubectl. */
final class KubectlPodSecurityTest {
    private static final String PRIVILEGED = pod("securityContext: {privileged: true}");
    private static final String PLAIN = pod("");
    private static final String CAREFUL = pod("securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true,"
            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}");

    private static String pod(String container) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i"
                + (container.isEmpty() ? "" : ", " + container) + "}]}\n";
    }

    @Test
    void levelsAreEnforced(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        try (ApiServer server = ApiServer.start(ApiServerConfig.ephemeral())) {
            Kubectl kubectl = new Kubectl(server, folder);
            for (String level : new String[] {"privileged", "baseline", "restricted"}) {
                kubectl.run("create", "namespace", level);
                kubectl.run("label", "namespace", level, "pod-security.kubernetes.io/enforce=" + level);
            }
            kubectl.with(PRIVILEGED, "-n", "privileged", "create", "-f", "-");
            assertEquals(
                    "Error from server (Forbidden): error when creating \"STDIN\": pods \"web\" is forbidden: violates"
                            + " PodSecurity \"baseline:latest\": privileged (container \"c\" must not set"
                            + " securityContext.privileged=true)",
                    kubectl.fail(PRIVILEGED, "-n", "baseline", "create", "-f", "-"));
            kubectl.with(PLAIN, "-n", "baseline", "create", "-f", "-");
            String refused = kubectl.fail(PLAIN, "-n", "restricted", "create", "-f", "-");
            assertTrue(
                    refused.contains("violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false"),
                    refused);
            kubectl.with(CAREFUL, "-n", "restricted", "create", "-f", "-");
            assertTrue(kubectl.fail("", "label", "namespace", "baseline", "pod-security.kubernetes.io/warn=none")
                    .contains("must be one of privileged, baseline, restricted"));
        }
    }
}
