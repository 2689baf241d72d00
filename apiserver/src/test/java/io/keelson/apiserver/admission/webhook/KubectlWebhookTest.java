package io.keelson.apiserver.admission.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see of webhooks through {@code kubectl}. */
final class KubectlWebhookTest {
    private static final String CONFIGURATION = """
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "KINDWebhookConfiguration",
             "metadata": {"name": "kubectl"},
             "webhooks": [{"name": "kubectl.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
              "clientConfig": CLIENT,
              "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}]}]}
            """;

    @TempDir
    private Path home;

    private String kubectl(String input, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("kubectl", "--kubeconfig", home.resolve("config").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        try (var to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "kubectl does not end");
        return out;
    }

    private static boolean isKubectlThere() throws InterruptedException {
        try {
            return new ProcessBuilder("kubectl", "version", "--client")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void denialsWarningsAndPatchesReachPeople() throws IOException, InterruptedException {
        Assumptions.assumeTrue(isKubectlThere(), "there is no kubectl");
        try (Api api = new Api();
                HookServer hooks = new HookServer("127.0.0.1")) {
            api.server().kubeconfig().write(home.resolve("config"));
            hooks.at("/validate", request -> {
                boolean bad = request.at("/object/metadata/name").asText().startsWith("bad");
                ObjectNode review = HookServer.response(request, !bad);
                review.withObject("/response").putArray("warnings").add("names matter");
                review.withObject("/response").putObject("status").put("message", "no bad names");
                return review;
            });
            hooks.at(
                    "/mutate",
                    request -> HookServer.patching(
                            request, "[{'op': 'add', 'path': '/data', 'value': {'by': 'webhook'}}]"));
            for (String kind : List.of("Validating", "Mutating")) {
                String client = hooks.client(kind.equals("Mutating") ? "/mutate" : "/validate")
                        .replace('\'', '"');
                String made =
                        kubectl(CONFIGURATION.replace("KIND", kind).replace("CLIENT", client), "create", "-f", "-");
                assertTrue(made.endsWith("kubectl created"), made);
            }
            Api.until(
                    () -> api.post("/api/v1/namespaces/default/configmaps", "{'metadata': {'generateName': 'bad'}}"),
                    answer -> answer.code() == 400);
            String denied = kubectl("", "create", "configmap", "bad");
            assertTrue(denied.contains("Warning: names matter"), denied);
            assertTrue(
                    denied.endsWith("admission webhook \"kubectl.example.com\" denied the request: no bad names"),
                    denied);
            String made = kubectl("", "create", "configmap", "good");
            assertTrue(made.endsWith("configmap/good created"), made);
            assertEquals("webhook", kubectl("", "get", "configmap", "good", "-o", "jsonpath={.data.by}"));
        }
    }
}
