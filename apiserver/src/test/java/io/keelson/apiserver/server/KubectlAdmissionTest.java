package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Limit ranges, quotas, priorities and accounts through the real kubectl. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlAdmissionTest {
    private static final String REFUSED =
            "Error from server (Forbidden): error when creating \"STDIN\": pods \"web\" is" + " forbidden: ";

    private ApiServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, folder);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static String pod(String spec) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {" + spec + "}\n";
    }

    private String create(String namespace, String yaml) throws Exception {
        return kubectl.with(yaml, "-n", namespace, "create", "-f", "-");
    }

    private String refused(String namespace, String yaml) throws Exception {
        String complaint = kubectl.fail(yaml, "-n", namespace, "create", "-f", "-");
        assertTrue(complaint.startsWith(REFUSED), complaint);
        return complaint.substring(REFUSED.length());
    }

    private String field(String namespace, String resource, String path) throws Exception {
        return kubectl.run("-n", namespace, "get", resource, "-o", "jsonpath={" + path + "}");
    }

    private static ApiServerConfig enabling(String plugin) {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        AdmissionSettings settings = plain.cluster().admission().with(List.of(plugin), List.of());
        return new ApiServerConfig(
                plain.bindAddress(),
                plain.securePort(),
                null,
                null,
                null,
                null,
                plain.authorizationModes(),
                plain.anonymous(),
                plain.serviceRange(),
                plain.eventTimeToLive(),
                plain.requestTimeoutMin(),
                plain.cluster().withAdmission(settings));
    }

    @Test
    void limitsFillInAndRefuse() throws Exception {
        kubectl.run("create", "namespace", "limits");
        create(
                "limits",
                "apiVersion: v1\nkind: LimitRange\nmetadata: {name: r}\nspec: {limits: [{type: Container, default: {cpu:"
                        + " 300m}, defaultRequest: {cpu: 200m}, max: {cpu: '1'}}]}\n");
        String large = pod("containers: [{name: c, image: nginx, resources: {limits: {cpu: 2}}}]");
        assertEquals("maximum cpu usage per Container is 1, but limit is 2", refused("limits", large));
        create("limits", pod("containers: [{name: c, image: nginx}]"));
        assertEquals(
                "{\"limits\":{\"cpu\":\"300m\"},\"requests\":{\"cpu\":\"200m\"}}",
                field("limits", "pod/web", ".spec.containers[0].resources"));
        assertEquals(
                "LimitRanger plugin set: cpu request for container c; cpu limit for container c",
                field("limits", "pod/web", ".metadata.annotations.kubernetes\\.io/limit-ranger"));
        assertEquals("Burstable", field("limits", "pod/web", ".status.qosClass"));
    }

    @Test
    void quotasCountAndRefuse() throws Exception {
        kubectl.run("create", "namespace", "quotas");
        kubectl.run("-n", "quotas", "create", "quota", "q", "--hard=pods=1,requests.cpu=1,count/configmaps=1");
        // What a controller does.
        kubectl.run(
                "-n",
                "quotas",
                "patch",
                "resourcequota",
                "q",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"hard\":{\"pods\":\"1\",\"requests.cpu\":\"1\",\"count/configmaps\":\"1\"},"
                        + "\"used\":{\"pods\":\"0\",\"requests.cpu\":\"0\",\"count/configmaps\":\"0\"}}}");
        String unsaid = pod("containers: [{name: c, image: nginx}]");
        assertEquals("failed quota: q: must specify requests.cpu for: c", refused("quotas", unsaid));
        create("quotas", pod("containers: [{name: c, image: nginx, resources: {requests: {cpu: 600m}}}]"));
        assertEquals(
                "exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=600m, limited:"
                        + " pods=1,requests.cpu=1",
                refused("quotas", pod("containers: [{name: c, image: nginx, resources: {requests: {cpu: 600m}}}]")));
        assertEquals(
                "{\"count/configmaps\":\"0\",\"pods\":\"1\",\"requests.cpu\":\"600m\"}",
                field("quotas", "resourcequota/q", ".status.used"));
        kubectl.run("-n", "quotas", "create", "configmap", "one");
        assertEquals(
                "error: failed to create configmap: configmaps \"two\" is forbidden: exceeded quota: q, requested:"
                        + " count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1",
                kubectl.fail("", "-n", "quotas", "create", "configmap", "two"));
    }

    @Test
    void podsHaveThePriorityOfTheirClass() throws Exception {
        kubectl.run("create", "namespace", "priorities");
        kubectl.run("create", "priorityclass", "high", "--value=1000", "--preemption-policy=Never");
        assertEquals(
                "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed"
                        + " 1000 from the given PriorityClass name",
                refused("priorities", pod("priorityClassName: high, priority: 5, containers: [{name: c, image: i}]")));
        assertEquals(
                "no PriorityClass with name none was found",
                refused("priorities", pod("priorityClassName: none, containers: [{name: c, image: i}]")));
        create("priorities", pod("priorityClassName: high, containers: [{name: c, image: i}]"));
        assertEquals(
                "1000 Never",
                kubectl.run(
                        "-n",
                        "priorities",
                        "get",
                        "pod/web",
                        "-o",
                        "jsonpath={.spec.priority} {.spec.preemptionPolicy}"));
        assertEquals("300", field("priorities", "pod/web", ".spec.tolerations[0].tolerationSeconds"));
    }

    @Test
    void accountsAreAskedForWhereThePluginIsEnabled(@TempDir Path folder) throws Exception {
        ApiServerConfig config = enabling("ServiceAccount");
        try (ApiServer strict = ApiServer.start(config)) {
            Kubectl user = new Kubectl(strict, folder);
            String web = pod("containers: [{name: c, image: i}]");
            assertEquals(
                    REFUSED + "error looking up service account default/default: serviceaccount \"default\" not found",
                    user.fail(web, "create", "-f", "-"));
            user.run("create", "serviceaccount", "default");
            user.with(web, "create", "-f", "-");
            assertEquals(
                    "default default token",
                    user.run(
                            "get",
                            "pod/web",
                            "-o",
                            "jsonpath={.spec.serviceAccountName} {.spec.serviceAccount}"
                                    + " {.spec.volumes[0].projected.sources[0].serviceAccountToken.path}"));
        }
    }

    @Test
    void unknownPluginsAreNamed() {
        ApiServerConfig config = enabling("PodPreset");
        assertEquals(
                "enable-admission-plugins plugin \"PodPreset\" is unknown",
                assertThrows(IllegalArgumentException.class, () -> ApiServer.start(config))
                        .getMessage());
    }
}
