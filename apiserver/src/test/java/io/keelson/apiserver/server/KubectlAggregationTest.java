package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.Pem;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** An API server behind this one, which serves gadgets, through the real kubectl. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlAggregationTest {
    private static final String PATH = "/apis/gadgets.example.com/v1";
    private static final String RESOURCES = """
            {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"gadgets.example.com/v1","resources":[
             {"name":"gadgets","singularName":"gadget","namespaced":true,"kind":"Gadget","verbs":["create","get","list","watch"],
              "shortNames":["gd"]},
             {"name":"gadgets/status","singularName":"","namespaced":true,"kind":"Gadget","verbs":["get"]}]}
            """;
    private static final String DISCOVERY = """
            {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
             {"metadata":{"name":"gadgets.example.com"},"versions":[{"version":"v3","freshness":"Current","resources":[
              {"resource":"widgets","responseKind":{"group":"gadgets.example.com","version":"v3","kind":"Widget"},
               "scope":"Cluster","singularResource":"widget","verbs":["get","list"]}]}]}]}
            """;
    private static final String GADGET = """
            {"kind":"Gadget","apiVersion":"gadgets.example.com/v1","metadata":{"name":"one","namespace":"default"}}""";
    private static final String OPEN_API = """
            {"openapi":"3.0.0","info":{"title":"gadgets","version":"v1"},"paths":{"/apis/gadgets.example.com/v1/namespaces/{namespace}/gadgets":
             {"get":{"responses":{"200":{"description":"OK"}},
              "x-kubernetes-group-version-kind":{"group":"gadgets.example.com","version":"v1","kind":"Gadget"}}}},
             "components":{"schemas":{"com.example.Gadget":{"description":"A thing of use.","type":"object","properties":
              {"size":{"type":"integer","description":"How large it is."}},
              "x-kubernetes-group-version-kind":[{"group":"gadgets.example.com","version":"v1","kind":"Gadget"}]}}}}
            """;
    private static final String SWAGGER = """
            {"swagger":"2.0","info":{"title":"gadgets","version":"v1"},"paths":{"/apis/gadgets.example.com/v1/gadgets":
             {"get":{"operationId":"listGadgets","responses":{"200":{"description":"OK"}}}},
             "/api/v1/pods":{"get":{"description":"not theirs","responses":{"200":{"description":"OK"}}}}},
             "definitions":{"com.example.Gadget":{"description":"A thing of use.","type":"object"}}}
            """;

    private final CountDownLatch changed = new CountDownLatch(1);
    private TestBackend backend;
    private ApiServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        Kubectl.assumeThere();
        backend = new TestBackend(InetAddress.getLoopbackAddress(), List.of("gadgets.kube-system.svc"), this::serve);
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, home);
        register("v1", "gadgets", Base64.getEncoder().encodeToString(Pem.encode(backend.authority())));
        service("gadgets", backend.port());
        kubectl.run("wait", "--for=condition=Available", "apiservice/v1.gadgets.example.com", "--timeout=60s");
    }

    private void service(String name, int port) throws Exception {
        kubectl.with(
                "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: kube-system}\n"
                        + "spec: {type: ExternalName, externalName: localhost, ports: [{port: " + port + "}]}\n",
                "apply",
                "-f",
                "-");
    }

    private void register(String version, String service, String caBundle) throws Exception {
        register(version, service, caBundle, backend.port());
    }

    private void register(String version, String service, String caBundle, int port) throws Exception {
        String trust = caBundle.isEmpty() ? "insecureSkipTLSVerify: true" : "caBundle: " + caBundle;
        kubectl.with(
                "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: " + version
                        + ".gadgets.example.com}\nspec: {group: gadgets.example.com, version: " + version
                        + ", groupPriorityMinimum: 100, versionPriority: 10, " + trust + ", service: {name: " + service
                        + ", namespace: kube-system, port: " + port + "}}\n",
                "apply",
                "-f",
                "-");
    }

    private void serve(TestBackend.Call call) throws IOException, InterruptedException {
        String target = call.target();
        if (target.equals(PATH)) {
            call.answer(200, "application/json", RESOURCES);
        } else if (target.equals("/apis/gadgets.example.com/v3")) {
            call.answer(200, "application/json", RESOURCES);
        } else if (target.equals("/apis") && call.field("Accept").contains("apidiscovery.k8s.io")) {
            call.answer(200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", DISCOVERY);
        } else if (target.endsWith("/gadgets/one/connect")) {
            call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ");
            call.out().write(call.in().readNBytes(5));
        } else if (target.endsWith("/gadgets/one/refuse")) {
            call.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            call.write(TestBackend.line(call.in()));
        } else if (target.equals("/openapi/v3")) {
            call.answer(
                    200,
                    "application/json",
                    "{\"paths\":{\"apis/gadgets.example.com/v1\":{\"serverRelativeURL\":"
                            + "\"/openapi/v3/apis/gadgets.example.com/v1?hash=AB\"}}}");
        } else if (target.startsWith("/openapi/v3/apis/gadgets.example.com/v1")) {
            call.answer(200, "application/json", OPEN_API);
        } else if (target.equals("/openapi/v2")) {
            call.answer(200, "application/json", SWAGGER);
        } else if (target.contains("watch=")) {
            call.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            call.chunk("{\"type\":\"ADDED\",\"object\":" + GADGET + "}\n");
            changed.await();
            call.chunk("{\"type\":\"DELETED\",\"object\":" + GADGET + "}\n");
            call.write("0\r\n\r\n");
        } else if (target.startsWith(PATH + "/namespaces/default/gadgets/redirect")) {
            call.write("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/elsewhere\r\nContent-Length: 0\r\n\r\n");
        } else if (target.startsWith(PATH + "/namespaces/default/gadgets/one")) {
            call.answer(200, "application/json", GADGET);
        } else if (call.method().equals("POST")) {
            call.answer(201, "application/json", new String(call.body(), StandardCharsets.UTF_8));
        } else if (target.startsWith(PATH + "/namespaces/default/gadgets")) {
            call.answer(
                    200,
                    "application/json",
                    "{\"kind\":\"GadgetList\",\"apiVersion\":\"gadgets.example.com/v1\",\"metadata\":{\"resourceVersion\":"
                            + "\"1\"},\"items\":[" + GADGET + "]}");
        } else {
            call.answer(404, "application/json", "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":404}");
        }
    }

    @AfterAll
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
        if (backend != null) {
            backend.close();
        }
    }

    @Test
    void listsWhatItServesItself() throws Exception {
        await("v1.apps", "get", "apiservices", "-o", "name");
        assertTrue(row("v1.apps").startsWith("v1.apps Local True "));
        assertEquals(
                "17800 15 onstart Local",
                kubectl.run(
                        "get",
                        "apiservice",
                        "v1.apps",
                        "-o",
                        "jsonpath={.spec.groupPriorityMinimum} {.spec.versionPriority}"
                                + " {.metadata.labels.kube-aggregator\\.kubernetes\\.io/automanaged}"
                                + " {.status.conditions[0].reason}"));
        assertTrue(row("v1.gadgets.example.com").startsWith("v1.gadgets.example.com kube-system/gadgets True "));
        assertTrue(row("v1.").startsWith("v1. Local True "));
    }

    private String row(String name) throws Exception {
        return kubectl.run("get", "apiservice", name, "--no-headers").replaceAll("\\s+", " ");
    }

    /** Waits until kubectl prints something. */
    private void await(String part, String... words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String out = kubectl.call("", words).out();
        while (!out.contains(part)) {
            assertTrue(System.nanoTime() < deadline, out);
            out = kubectl.call("", words).out();
        }
    }

    @Test
    void listsCustomKindsWhileThereAreSome() throws Exception {
        kubectl.with("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: tools.example.org}
                spec:
                  group: example.org
                  names: {kind: Tool, plural: tools}
                  scope: Namespaced
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                """, "apply", "-f", "-");
        await("v1.example.org", "get", "apiservices", "-o", "name");
        assertEquals(
                "1000 100 true",
                kubectl.run(
                        "get",
                        "apiservice",
                        "v1.example.org",
                        "-o",
                        "jsonpath={.spec.groupPriorityMinimum} {.spec.versionPriority}"
                                + " {.metadata.labels.kube-aggregator\\.kubernetes\\.io/automanaged}"));
        kubectl.run("delete", "crd", "tools.example.org");
        await("NotFound", "get", "apiservice", "v1.example.org");
    }

    @Test
    void servesWhatTheOtherServerServes() throws Exception {
        assertTrue(kubectl.run("get", "gadgets").contains("one"));
        assertTrue(kubectl.run("get", "gd", "one").contains("one"));
        assertTrue(
                kubectl.run("api-resources", "--api-group=gadgets.example.com").contains("Gadget"));
        assertTrue(kubectl.run("api-versions").contains("gadgets.example.com/v1"));
        assertTrue(kubectl.run("get", "--raw", "/apis/gadgets.example.com").contains("\"version\":\"v1\""));
        assertTrue(kubectl.run("get", "--raw", "/apis").contains("gadgets.example.com/v1"));
        assertEquals(
                "gadget.gadgets.example.com/two created",
                kubectl.with(
                        "apiVersion: gadgets.example.com/v1\nkind: Gadget\nmetadata: {name: two}\n",
                        "create",
                        "--validate=false",
                        "-f",
                        "-"));
    }

    @Test
    void tellsTheOtherServerWhoAsks() throws Exception {
        try (RawClient client = new RawClient(server)) {
            client.send(
                            "GET",
                            PATH + "/namespaces/default/gadgets/one",
                            "X-Remote-User: somebody-else",
                            "X-Remote-Group: others",
                            "X_Remote_User: another",
                            "X-Remote-Extra-Scopes: all",
                            "Connection: keep-alive, X-Remote-User")
                    .answer();
        }
        TestBackend.Call call = backend.calls().stream()
                .filter(one -> one.head().contains("/gadgets/one "))
                .toList()
                .getLast();
        assertEquals("kubernetes-admin", call.field("X-Remote-User"));
        assertEquals("system:masters, system:authenticated", call.field("X-Remote-Group"));
        assertEquals("", call.field("X-Remote-Extra-Scopes") + call.field("X_Remote_User"));
        assertEquals("", call.field("Authorization"));
        assertTrue(Objects.requireNonNull(call.client())
                .getSubjectX500Principal()
                .getName()
                .contains("front-proxy-client"));
    }

    @Test
    void explainsWhatTheOtherServerServes() throws Exception {
        String explained = kubectl.run("explain", "gadgets");
        assertTrue(explained.contains("A thing of use.") && explained.contains("How large it is."), explained);
        String whole = kubectl.run("get", "--raw", "/openapi/v2");
        assertTrue(whole.contains("listGadgets"));
        assertFalse(whole.contains("not theirs"));
    }

    @Test
    void passesWatchesThrough() throws Exception {
        Process watch = kubectl.start("get", "gadgets", "-w", "--output-watch-events", "--no-headers");
        BufferedReader out = watch.inputReader();
        assertTrue(out.readLine().startsWith("ADDED"));
        changed.countDown();
        String next = out.readLine();
        while (!next.startsWith("DELETED")) {
            next = out.readLine();
        }
        watch.destroy();
    }

    @Test
    void passesUpgradesThrough() throws Exception {
        try (RawClient client = new RawClient(server)) {
            assertEquals(
                    101,
                    client.send(
                                    "GET",
                                    PATH + "/namespaces/default/gadgets/one/connect",
                                    "Connection: Upgrade",
                                    "Upgrade: echo")
                            .answer()
                            .status());
            client.socket().getOutputStream().write("world".getBytes(StandardCharsets.UTF_8));
            assertEquals(
                    "hello world", new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        assertEquals("kubernetes-admin", backend.lastCall().field("X-Remote-User"));
    }

    /** With this server's certificate, anybody could say to an aggregated one that he is anybody else. */
    @Test
    void anAggregatedServerThatRefusesATunnelGetsNone() throws Exception {
        try (RawClient client = new RawClient(server)) {
            RawClient.Answer answer = client.send(
                            "GET",
                            PATH + "/namespaces/default/gadgets/one/refuse",
                            "Connection: Upgrade",
                            "Upgrade: websocket")
                    .answer();
            assertEquals("403 no", answer.status() + " " + answer.body());
            assertTrue(client.send("GET", "/version", "X-Remote-User: root")
                    .answer()
                    .body()
                    .contains("gitVersion"));
        }
    }

    @Test
    void readsBothFormsOfDiscovery() throws Exception {
        register("v3", "gadgets", Base64.getEncoder().encodeToString(Pem.encode(backend.authority())));
        kubectl.run("wait", "--for=condition=Available", "apiservice/v3.gadgets.example.com", "--timeout=60s");
        await("widgets", "api-resources", "--api-group=gadgets.example.com", "--cached=false");
        kubectl.run("delete", "apiservice", "v3.gadgets.example.com");
    }

    /** CVE-2022-3172: an aggregated API server sends clients to somewhere else. */
    @Test
    void cve20223172RedirectsOfAggregatedServersAreRefused() throws Exception {
        try (RawClient client = new RawClient(server)) {
            RawClient.Answer answer = client.send("GET", PATH + "/namespaces/default/gadgets/redirect")
                    .answer();
            assertEquals(502, answer.status());
            assertEquals("the backend attempted to redirect this request, which is not permitted", answer.body());
            assertFalse(answer.head().contains("Location"));
        }
    }

    @Test
    void refusesPathsThatLeadUpwards() throws Exception {
        try (RawClient client = new RawClient(server)) {
            int before = backend.calls().size();
            assertEquals(
                    400,
                    client.send("GET", PATH + "/namespaces/default/gadgets/%2e%2e/%2e%2e/secrets")
                            .answer()
                            .status());
            assertEquals(
                    before,
                    backend.calls().stream()
                                    .filter(call -> call.head().contains("secrets"))
                                    .count()
                            + before);
        }
    }

    /** As after a restart of both: what is registered leads to where nobody is any more. */
    @Test
    void findsAServerThatComesBackAtAnotherPort() throws Exception {
        int gone;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            gone = unused.getLocalPort();
        }
        service("moved", gone);
        register("v3", "moved", "", gone);
        String available = "jsonpath={.status.conditions[0].status}";
        await("False", "get", "apiservice", "v3.gadgets.example.com", "-o", available);
        service("moved", backend.port());
        register("v3", "moved", "", backend.port());
        await("True", "get", "apiservice", "v3.gadgets.example.com", "-o", available);
        assertTrue(kubectl.run("get", "--raw", "/apis/gadgets.example.com/v3").contains("gadgets"));
        kubectl.run("delete", "apiservice", "v3.gadgets.example.com");
        kubectl.run("delete", "service", "moved", "-n", "kube-system");
    }

    @Test
    void saysWhatIsWrongWithServersThatAreNotThere() throws Exception {
        register("v2", "nowhere", "");
        String condition = "jsonpath={.status.conditions[0].status} {.status.conditions[0].reason}:"
                + " {.status.conditions[0].message}";
        await(
                "False ServiceNotFound: service/nowhere in \"kube-system\" is not present",
                "get",
                "apiservice",
                "v2.gadgets.example.com",
                "-o",
                condition);
        assertTrue(kubectl.fail("", "get", "--raw", "/apis/gadgets.example.com/v2/gadgets")
                .contains("the server is currently unable to handle the request"));
        kubectl.with("""
                apiVersion: v1
                kind: Service
                metadata: {name: nowhere, namespace: kube-system}
                spec: {ports: [{port: 443}]}
                """, "apply", "-f", "-");
        await(
                "False ServicePortError: service/nowhere in \"kube-system\" is not listening on port " + backend.port(),
                "get",
                "apiservice",
                "v2.gadgets.example.com",
                "-o",
                condition);
        kubectl.run("delete", "service", "nowhere", "-n", "kube-system");
        service("nowhere", backend.port());
        await(
                "False FailedDiscoveryCheck: failing or missing response from https://localhost:" + backend.port()
                        + "/apis/gadgets.example.com/v2: bad status from https://localhost:" + backend.port()
                        + "/apis/gadgets.example.com/v2: 404",
                "get",
                "apiservice",
                "v2.gadgets.example.com",
                "-o",
                condition);
        kubectl.run("delete", "apiservice", "v2.gadgets.example.com");
        await("NotFound", "get", "--raw", "/apis/gadgets.example.com/v2/gadgets");
    }
}
