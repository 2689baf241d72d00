package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins of admission are told by a file, on a running server. */
class AdmissionConfigurationTest {
    private static final String HEAD =
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n";
    private static final String PODS = "/api/v1/namespaces/default/pods";

    @TempDir
    private Path folder;

    private static byte[] allow(byte[] body) {
        ObjectNode review = Json.parseObject(body);
        String uid = review.at("/request/uid").asText();
        review.remove("request");
        review.putObject("response").put("uid", uid).put("allowed", true);
        return Json.encode(review);
    }

    private static String pod(String name, String spec) {
        return "{\"metadata\": {\"name\": \"" + name + "\"}, \"spec\": {" + spec
                + "\"containers\": [{\"name\": \"c\", \"image\": \"i\"}]}}";
    }

    @Test
    void everyPluginIsToldItsOwn() throws Exception {
        try (HttpsStub hook = new HttpsStub((_, body) -> allow(body))) {
            Path users = Files.writeString(
                    folder.resolve("users"), "users: [{name: 'localhost:" + hook.port() + "', user: {token: t0ken}}]");
            Files.writeString(folder.resolve("podsecurity.yaml"), """
                    apiVersion: pod-security.admission.config.k8s.io/v1
                    kind: PodSecurityConfiguration
                    defaults: {enforce: baseline}
                    exemptions: {namespaces: [kube-system]}
                    """);
            Path file = Files.writeString(folder.resolve("admission.yaml"), HEAD + """
                    - name: PodSecurity
                      path: podsecurity.yaml
                    - name: PodNodeSelector
                      configuration: {podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: 'pool=shared'}}
                    - name: ValidatingAdmissionWebhook
                      configuration:
                        apiVersion: apiserver.config.k8s.io/v1
                        kind: WebhookAdmissionConfiguration
                        kubeConfigFile: '%s'
                    - name: ResourceQuota
                      configuration:
                        apiVersion: apiserver.config.k8s.io/v1
                        kind: ResourceQuotaConfiguration
                        limitedResources:
                        - {resource: services, matchContains: [loadbalancers]}
                        - resource: pods
                          matchScopes: [{scopeName: PriorityClass, operator: In, values: [system-node-critical]}]
                    """.formatted(users));
            try (ApiServer server = ApiServer.start(Flags.config(
                            folder,
                            "--admission-control-config-file=" + file,
                            "--enable-admission-plugins=PodNodeSelector"));
                    Caller admin = Caller.admin(server)) {
                Caller.Answer privileged = admin.post(PODS, pod("p", "\"hostNetwork\": true, "));
                assertEquals(403, privileged.code());
                assertTrue(privileged.at("/message").contains("violates PodSecurity \"baseline:latest\""));
                assertEquals(
                        201,
                        admin.post("/api/v1/namespaces/kube-system/pods", pod("p", "\"hostNetwork\": true, "))
                                .code());

                Caller.Answer pod = admin.post(PODS, pod("web", "")).succeeded();
                assertEquals("shared", pod.at("/spec/nodeSelector/pool"));

                Caller.Answer balancer = admin.post("/api/v1/namespaces/default/services", """
                        {"metadata": {"name": "lb"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}""");
                assertEquals(
                        "services \"lb\" is forbidden: insufficient quota to consume: services.loadbalancers",
                        balancer.at("/message"));
                Caller.Answer critical =
                        admin.post(PODS, pod("critical", "\"priorityClassName\": \"system-node-critical\", "));
                assertEquals(
                        "pods \"critical\" is forbidden: insufficient quota to match these scopes: [{PriorityClass In"
                                + " [system-node-critical]}]",
                        critical.at("/message"));
                String quota = "/api/v1/namespaces/default/resourcequotas";
                admin.post(quota, """
                        {"metadata": {"name": "q"}, "spec": {"hard": {"services.loadbalancers": "1"}}}""").succeeded();
                admin.call("PATCH", quota + "/q/status", """
                        {"status": {"hard": {"services.loadbalancers": "1"}, "used": {"services.loadbalancers": "0"}}}""", "Content-Type", "application/merge-patch+json")
                        .succeeded();
                Deadline.await(() ->
                        admin.post("/api/v1/namespaces/default/services", """
                        {"metadata": {"name": "lb"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}""").code() == 201);

                String bundle =
                        Base64.getEncoder().encodeToString(hook.authorityPem().getBytes(StandardCharsets.US_ASCII));
                admin.post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", """
                        {"metadata": {"name": "guard"}, "webhooks": [{"name": "guard.example.com", "sideEffects": "None",
                         "admissionReviewVersions": ["v1"], "clientConfig": {"url": "%s/", "caBundle": "%s"},
                         "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                         "resources": ["configmaps"]}]}]}""".formatted(
                                        hook.url(), bundle))
                        .succeeded();
                Deadline.await(() -> {
                    var _ = admin.post(
                            "/api/v1/namespaces/default/configmaps", "{\"metadata\": {\"generateName\": \"c-\"}}");
                    return !hook.authorizations().isEmpty();
                });
                assertEquals("Bearer t0ken", hook.authorizations().getFirst());
            }
        }
    }

    private static byte[] judged(byte[] body) {
        ObjectNode review = Json.parseObject(body);
        String image = review.at("/spec/containers/0/image").asText();
        if (image.equals("lost")) {
            throw new IllegalStateException(image);
        }
        boolean evil = image.equals("evil");
        ObjectNode status = review.putObject("status").put("allowed", !evil);
        if (evil) {
            status.put("reason", "evil of " + review.at("/spec/namespace").asText());
        }
        return Json.encode(review);
    }

    @Test
    void imagesAreWhatABackendAllows() throws Exception {
        try (HttpsStub backend = new HttpsStub((_, body) -> judged(body))) {
            Path kubeconfig = backend.kubeconfig(folder, "images.kubeconfig");
            Path file = Files.writeString(folder.resolve("admission.yaml"), HEAD + """
                    - name: ImagePolicyWebhook
                      configuration: {imagePolicy: {kubeConfigFile: '%s', allowTTL: 60, retryBackoff: 1}}
                    """.formatted(kubeconfig));
            try (ApiServer server = ApiServer.start(Flags.config(
                            folder,
                            "--admission-control-config-file=" + file,
                            "--enable-admission-plugins=ImagePolicyWebhook"));
                    Caller admin = Caller.admin(server)) {
                admin.post(PODS, pod("good", "")).succeeded();
                Caller.Answer refused = admin.post(PODS, pod("bad", "").replace("\"i\"", "\"evil\""));
                assertEquals(403, refused.code());
                assertEquals(
                        "pods \"bad\" is forbidden: image policy webhook backend denied one or more images: evil of"
                                + " default",
                        refused.at("/message"));
                Caller.Answer unanswered = admin.post(PODS, pod("other", "").replace("\"i\"", "\"lost\""));
                assertEquals(403, unanswered.code());
                assertTrue(unanswered.at("/message").endsWith(" answered with status 500"), unanswered::toString);
            }
        }
    }

    /** What is said at the start, without the flag. */
    private String refused(String plugins) throws IOException {
        Path file = Files.writeString(folder.resolve("admission.yaml"), plugins);
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> ApiServer.start(Flags.config(folder, "--admission-control-config-file=" + file))
                                .close())
                .getMessage());
        assertTrue(message.startsWith("--admission-control-config-file: "), message);
        return message.substring("--admission-control-config-file: ".length()).replace(file + ": ", "");
    }

    @Test
    void configurationsThatCannotBeUsedSayWhichAndWhy() throws IOException {
        assertTrue(refused("kind: Pod").endsWith("is no AdmissionConfiguration of apiserver.config.k8s.io/v1"));
        assertEquals(
                "strict decoding error: unknown field \"plugins[0].file\"", refused(HEAD + "- {name: x, file: y}"));
        assertEquals(
                "the plugin \"Magic\" is not configurable here", refused(HEAD + "- {name: Magic, configuration: {}}"));
        assertEquals(
                "the plugin \"LimitRanger\" is not configurable here",
                refused(HEAD + "- {name: LimitRanger, configuration: {}}"));
        assertTrue(refused(HEAD + "- {name: PodSecurity, path: none.yaml}").contains("none.yaml"));
        assertEquals(
                "the plugin \"PodSecurity\" is configured twice",
                refused(HEAD + "- {name: PodSecurity, configuration: {}}\n- {name: PodSecurity, configuration: {}}"));
        assertEquals(
                "plugin \"ResourceQuota\": strict decoding error: unknown field \"limitedResources[0].match\"",
                refused(HEAD + "- name: ResourceQuota\n  configuration: {apiVersion: apiserver.config.k8s.io/v1, kind:"
                        + " ResourceQuotaConfiguration, limitedResources: [{resource: pods, match: []}]}"));
        assertEquals(
                "plugin \"MutatingAdmissionWebhook\": kubeConfigFile must be an absolute file path \"hooks\"",
                refused(HEAD + "- name: MutatingAdmissionWebhook\n  configuration: {apiVersion:"
                        + " apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration, kubeConfigFile: hooks}"));
    }
}
