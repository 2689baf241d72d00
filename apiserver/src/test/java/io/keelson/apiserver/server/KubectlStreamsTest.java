package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.object.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs, exec, attach, cp and port-forward through the real kubectl, to a node whose agent is played by this test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlStreamsTest {
    private final List<JsonNode> reviews = new CopyOnWriteArrayList<>();
    private ApiServer server;
    private TestKubelet kubelet;
    private Kubectl kubectl;

    @TempDir
    private Path folder;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        Kubectl.assumeThere();
        kubelet = new TestKubelet();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, home);
        node("old", "");
        node("new", "\"declaredFeatures\":[\"ExtendWebSocketsToKubelet\"],");
        kubectl.run("create", "serviceaccount", "default");
        pod("web", "old", "[{name: web, image: nginx}]");
        pod("two", "old", "[{name: a, image: nginx}, {name: b, image: nginx}]");
        pod("modern", "new", "[{name: web, image: nginx}]");
        kubectl.with(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: waiting}\nspec: {containers: [{name: a, image: b}]}\n",
                "apply",
                "-f",
                "-");
    }

    private void node(String name, String features) throws Exception {
        kubectl.with(
                "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"" + name + "\"}}",
                "apply",
                "-f",
                "-");
        kubectl.run(
                "patch",
                "node",
                name,
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{" + features + "\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],"
                        + "\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":" + kubelet.port() + "}}}}");
    }

    private void pod(String name, String node, String containers) throws Exception {
        kubectl.with(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec: {nodeName: " + node + ", containers: "
                        + containers + "}\n",
                "apply",
                "-f",
                "-");
        kubectl.run(
                "patch",
                "pod",
                name,
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"phase\":\"Running\"}}");
    }

    @AfterAll
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
        if (kubelet != null) {
            kubelet.close();
        }
    }

    @Test
    void asksTheNodeForTheLogThatIsWanted() throws Exception {
        assertEquals("asked", kubectl.run("logs", "web"));
        assertEquals(
                "asked limitBytes=9&previous=true&sinceSeconds=60&tailLines=3&timestamps=true",
                kubectl.run("logs", "web", "--tail=3", "--timestamps", "--previous", "--since=60s", "--limit-bytes=9"));
        assertEquals("GET /containerLogs/default/two/b HTTP/1.1", asked(() -> kubectl.run("logs", "two", "-c", "b")));
        assertTrue(kubectl.run("logs", "two", "--all-containers").lines().count() == 2);
    }

    private interface Step {
        void run() throws Exception;
    }

    private String asked(Step step) throws Exception {
        step.run();
        return kubelet.backend().lastCall().head().lines().findFirst().orElseThrow();
    }

    @Test
    void showsItsOwnCertificateToTheNode() throws Exception {
        kubectl.run("logs", "web");
        X509Certificate shown =
                Objects.requireNonNull(kubelet.backend().lastCall().client());
        assertTrue(shown.getSubjectX500Principal().getName().contains("kube-apiserver-kubelet-client"));
        assertEquals("", kubelet.backend().lastCall().field("Authorization"));
    }

    @Test
    void followsALogThatIsSilentAtFirst() throws Exception {
        Process follower = kubectl.start("logs", "-f", "web");
        kubelet.log("one\n");
        BufferedReader out = follower.inputReader();
        assertEquals("one", out.readLine());
        kubelet.log("two\n");
        assertEquals("two", out.readLine());
        kubelet.endLog();
        assertEquals(0, follower.waitFor());
    }

    @Test
    void saysWhichContainersThereAre() throws Exception {
        assertEquals(
                "Error from server (BadRequest): a container name must be specified for pod two, choose one of: [a b]",
                kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/pods/two/log"));
        assertEquals(
                "Error from server (BadRequest): container y is not valid for pod two",
                kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/pods/two/log?container=y"));
        assertEquals(
                "Error from server (BadRequest): pod waiting does not have a host assigned",
                kubectl.fail("", "exec", "waiting", "--", "true"));
        assertEquals("", kubectl.run("get", "--raw", "/api/v1/namespaces/default/pods/waiting/log"));
        assertEquals(
                "The PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0",
                kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/pods/web/log?tailLines=-1"));
        assertEquals(
                "Error from server (BadRequest): Upgrade request required",
                kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/pods/web/exec?command=x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "modern"})
    void runsCommands(String pod) throws Exception {
        assertEquals("hello world", kubectl.run("exec", pod, "--", "echo", "hello world"));
        assertEquals("from stdin", kubectl.with("from stdin", "exec", "-i", pod, "--", "cat"));
        Kubectl.Outcome failed = kubectl.call("", "exec", pod, "--", "sh", "-c", "echo oops >&2; exit 7");
        assertEquals(7, failed.code(), failed.out());
        assertTrue(failed.out().contains("oops"), failed.out());
        String large = "0123456789abcdef".repeat(40_000);
        assertEquals(large, kubectl.with(large, "exec", "-i", pod, "--", "cat"));
    }

    @Test
    void translatesForNodesThatDoNotSpeakWebSockets() throws Exception {
        kubectl.run("exec", "web", "--", "true");
        assertEquals("SPDY/3.1", kubelet.backend().lastCall().field("Upgrade"));
        kubectl.run("exec", "modern", "--", "true");
        assertEquals("websocket", kubelet.backend().lastCall().field("Upgrade"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "modern"})
    void speaksSpdyWithOlderClients(String pod) throws Exception {
        Kubectl older = kubectl.inEnvironment("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false");
        assertEquals("hello", older.run("exec", pod, "--", "echo", "hello"));
        assertEquals("SPDY/3.1", kubelet.backend().lastCall().field("Upgrade"));
        assertEquals("from stdin", older.with("from stdin", "exec", "-i", pod, "--", "cat"));
        Kubectl.Outcome failed = older.call("", "exec", pod, "--", "sh", "-c", "exit 3");
        assertEquals(3, failed.code(), failed.out());
    }

    @Test
    void attaches() throws Exception {
        String out = kubectl.with("to the process", "attach", "-i", "web");
        assertTrue(out.contains("attached") && out.contains("to the process"), out);
    }

    @Test
    void copiesFilesThereAndBack() throws Exception {
        Path from = Files.writeString(folder.resolve("there.txt"), "contents\n".repeat(10_000));
        Path there = Files.createDirectory(folder.resolve("in-the-pod"));
        kubectl.run("cp", from.toString(), "web:" + there);
        assertEquals(Files.readString(from), Files.readString(there.resolve("there.txt")));
        Path back = folder.resolve("back.txt");
        kubectl.run("cp", "web:" + there.resolve("there.txt"), back.toString());
        assertEquals(Files.readString(from), Files.readString(back));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void forwardsPorts(String webSockets) throws Exception {
        try (TestBackend target = new TestBackend(
                InetAddress.getLoopbackAddress(), List.of(), call -> call.answer(200, "text/plain", "through"))) {
            Process forwarder = kubectl.inEnvironment("KUBECTL_PORT_FORWARD_WEBSOCKETS", webSockets)
                    .start("port-forward", "pod/web", ":" + target.port());
            try {
                String line = forwarder.inputReader().readLine();
                assertTrue(line.startsWith("Forwarding from 127.0.0.1:"), line);
                int local = Integer.parseInt(line.substring(line.indexOf(':') + 1, line.indexOf(" ->")));
                for (int round = 0; round < 3; round++) {
                    assertTrue(get(local).endsWith("through"));
                }
            } finally {
                forwarder.destroy();
            }
        }
    }

    private static String get(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void leadsToTheAgentOfANode() throws Exception {
        assertEquals("up 1", kubectl.run("get", "--raw", "/api/v1/nodes/old/proxy/metrics"));
        assertEquals("up 1", kubectl.run("get", "--raw", "/api/v1/nodes/old:" + kubelet.port() + "/proxy/metrics"));
        String refused = kubectl.fail("", "get", "--raw", "/api/v1/nodes/old:1/proxy/metrics");
        assertEquals("Error from server (BadRequest): address not allowed", refused);
    }

    @Test
    void admissionIsAskedAboutConnections() throws Exception {
        try (TestBackend webhook = new TestBackend(InetAddress.getLoopbackAddress(), List.of("localhost"), call -> {
            JsonNode review =
                    Json.parse(new String(call.body(), StandardCharsets.UTF_8)).path("request");
            reviews.add(review);
            call.answer(200, "application/json", """
                    {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":
                     {"uid":"%s","allowed":%s,"status":{"message":"not in here"}}}
                    """.formatted(
                    review.path("uid").asText(), !review.path("name").asText().equals("two")));
        })) {
            kubectl.with(
                    """
                    apiVersion: admissionregistration.k8s.io/v1
                    kind: ValidatingWebhookConfiguration
                    metadata: {name: connections}
                    webhooks:
                    - name: connections.example.com
                      admissionReviewVersions: [v1]
                      sideEffects: None
                      clientConfig: {url: "https://localhost:%d/", caBundle: %s}
                      rules: [{operations: [CONNECT], apiGroups: [""], apiVersions: [v1], resources: [pods/exec]}]
                    """.formatted(webhook.port(), Base64.getEncoder().encodeToString(Pem.encode(webhook.authority()))),
                    "apply",
                    "-f",
                    "-");
            String denied = "admission webhook \"connections.example.com\" denied the request: not in here";
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            String said = kubectl.call("", "exec", "two", "-c", "a", "--", "id").out();
            while (!said.contains(denied)) {
                assertTrue(System.nanoTime() < deadline, said);
                said = kubectl.call("", "exec", "two", "-c", "a", "--", "id").out();
            }
            JsonNode review = reviews.getLast();
            assertEquals(
                    "CONNECT pods exec",
                    review.path("operation").asText() + " "
                            + review.path("resource").path("resource").asText() + " "
                            + review.path("subResource").asText());
            assertEquals("PodExecOptions", review.path("object").path("kind").asText());
            assertEquals("[\"id\"]", review.path("object").path("command").toString());
            assertEquals("a", review.path("object").path("container").asText());
            assertEquals("fine", kubectl.run("exec", "web", "--", "echo", "fine"));
        } finally {
            kubectl.run("delete", "validatingwebhookconfiguration", "connections", "--ignore-not-found");
        }
    }
}
