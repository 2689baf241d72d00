package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a server writes down about requests: into a file, which is read back here, and to another server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditedServerTest {
    private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

    private final AtomicInteger ids = new AtomicInteger();
    private final Queue<ObjectNode> told = new ConcurrentLinkedQueue<>();
    private Path log;
    private HttpsStub hook;
    private ApiServer server;
    private Caller admin;
    private Caller stranger;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        log = folder.resolve("logs").resolve("audit.log");
        hook = new HttpsStub((_, body) -> {
            told.add(Json.parseObject(body));
            return new byte[0];
        });
        Path policy = Files.writeString(folder.resolve("policy.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                rules:
                - {level: None, nonResourceURLs: ['/healthz*']}
                - {level: Metadata, resources: [{group: '', resources: [secrets]}]}
                - {level: Request, verbs: [patch], omitStages: [RequestReceived]}
                - level: RequestResponse
                  omitManagedFields: true
                  resources: [{group: '', resources: [configmaps]}]
                - {level: Metadata}
                """);
        server = ApiServer.start(Flags.config(
                folder,
                "--audit-policy-file=" + policy,
                "--audit-log-path=" + log,
                "--audit-webhook-config-file=" + hook.kubeconfig(folder, "hook"),
                "--audit-webhook-batch-max-wait=50ms",
                "--token-auth-file=" + Files.writeString(folder.resolve("tokens"), "t,jane,17,dev\n")));
        admin = Caller.admin(server);
        stranger = Caller.stranger(server);
    }

    @AfterAll
    void stop() {
        admin.close();
        stranger.close();
        server.close();
        hook.close();
    }

    private String id() {
        return "test-" + ids.incrementAndGet();
    }

    private List<ObjectNode> events(String id) throws IOException {
        List<ObjectNode> events = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            ObjectNode event = Json.parseObject(line.getBytes(StandardCharsets.UTF_8));
            if (event.path("auditID").asText().equals(id)) {
                events.add(event);
            }
        }
        return events;
    }

    private static List<String> stages(List<ObjectNode> events) {
        return events.stream().map(event -> event.path("stage").asText()).toList();
    }

    /** The last event about a call of the administrator's. */
    private ObjectNode after(String method, String path, String body, String... headers) throws Exception {
        String id = id();
        List<String> all = new ArrayList<>(List.of("Audit-ID", id));
        all.addAll(List.of(headers));
        var _ = admin.call(method, path, body, all.toArray(String[]::new));
        return events(id).getLast();
    }

    private static String text(JsonNode event, String pointer) {
        return event.at(pointer).asText();
    }

    @Test
    void everythingAboutACreation() throws Exception {
        String id = id();
        admin.post(
                        CONFIG_MAPS + "?fieldManager=me",
                        "{\"metadata\": {\"name\": \"c\"}, \"data\": {\"a\": \"<b>\"}}",
                        "Audit-ID",
                        id,
                        "User-Agent",
                        "tester/1")
                .succeeded();
        List<ObjectNode> events = events(id);
        assertEquals(List.of("RequestReceived", "ResponseComplete"), stages(events));
        ObjectNode received = events.getFirst();
        assertFalse(received.has("requestObject"));
        assertFalse(received.has("responseStatus"));
        ObjectNode event = events.getLast();
        assertEquals("audit.k8s.io/v1 Event", text(event, "/apiVersion") + " " + text(event, "/kind"));
        assertEquals("RequestResponse", text(event, "/level"));
        assertEquals(CONFIG_MAPS + "?fieldManager=me", text(event, "/requestURI"));
        assertEquals("create", text(event, "/verb"));
        assertEquals("kubernetes-admin", text(event, "/user/username"));
        assertEquals("[\"127.0.0.1\"]", event.path("sourceIPs").toString());
        assertEquals("tester/1", text(event, "/userAgent"));
        assertEquals(
                "{\"resource\":\"configmaps\",\"namespace\":\"default\",\"name\":\"c\",\"apiVersion\":\"v1\"}",
                event.path("objectRef").toString());
        assertEquals(
                "{\"metadata\":{},\"code\":201}", event.path("responseStatus").toString());
        assertEquals("<b>", text(event, "/requestObject/data/a"));
        assertEquals("ConfigMap", text(event, "/requestObject/kind"));
        assertEquals(36, text(event, "/responseObject/metadata/uid").length());
        assertFalse(event.path("responseObject").path("metadata").has("managedFields"), "as the rule wants it");
        assertEquals(
                "allow",
                event.path("annotations").path("authorization.k8s.io/decision").asText());
        assertTrue(text(event, "/stageTimestamp").matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z"));
        assertTrue(text(event, "/requestReceivedTimestamp").compareTo(text(event, "/stageTimestamp")) <= 0);
    }

    @Test
    void ofSecretsThatTheyWereReadAndNotWhatIsInThem() throws Exception {
        ObjectNode event = after(
                "POST",
                "/api/v1/namespaces/default/secrets",
                "{\"metadata\": {\"name\": \"s\"}, \"stringData\": {\"p\": \"x\"}}");
        assertEquals("Metadata", text(event, "/level"));
        assertEquals("s", text(event, "/objectRef/name"));
        assertFalse(event.has("requestObject") || event.has("responseObject"));
        ObjectNode list = after("GET", "/api/v1/secrets", "");
        assertEquals("list", text(list, "/verb"));
        assertFalse(list.has("responseObject"));
    }

    @Test
    void whatWasAnsweredInAnotherFormatIsJsonHere() throws Exception {
        admin.post(CONFIG_MAPS, "{\"metadata\": {\"name\": \"formats\"}, \"data\": {\"a\": \"1\"}}")
                .succeeded();
        for (String format :
                List.of("application/vnd.kubernetes.protobuf", "application/yaml", "application/json;pretty=1")) {
            ObjectNode event = after("GET", CONFIG_MAPS + "/formats", "", "Accept", format);
            assertEquals("1", text(event, "/responseObject/data/a"), format);
        }
        ObjectNode pretty = after("GET", CONFIG_MAPS + "/formats?pretty=true", "");
        assertEquals("1", text(pretty, "/responseObject/data/a"));
        ObjectNode list = after("GET", CONFIG_MAPS, "");
        assertEquals("ConfigMapList", text(list, "/responseObject/kind"));
    }

    @Test
    void patchesAsTheyWereSent() throws Exception {
        admin.post(CONFIG_MAPS, "{\"metadata\": {\"name\": \"p\"}}").succeeded();
        String id = id();
        admin.call(
                        "PATCH",
                        CONFIG_MAPS + "/p",
                        "{\"data\": {\"a\": \"1\"}}",
                        "Content-Type",
                        "application/merge-patch+json",
                        "Audit-ID",
                        id)
                .succeeded();
        List<ObjectNode> events = events(id);
        assertEquals(List.of("ResponseComplete"), stages(events), "the rule leaves out the other stage");
        assertEquals(
                "{\"data\":{\"a\":\"1\"}}",
                events.getFirst().path("requestObject").toString());
        assertFalse(events.getFirst().has("responseObject"));
        ObjectNode applied = after(
                "PATCH",
                CONFIG_MAPS + "/p?fieldManager=me",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata: {b: '2'}\n",
                "Content-Type",
                "application/apply-patch+yaml");
        assertEquals("2", text(applied, "/requestObject/data/b"));
    }

    @Test
    void howRequestsFail() throws Exception {
        ObjectNode missing = after("GET", CONFIG_MAPS + "/none", "");
        assertEquals(
                "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"configmaps \\\"none\\\" not found\","
                        + "\"reason\":\"NotFound\",\"details\":{\"name\":\"none\",\"kind\":\"configmaps\"},\"code\":404}",
                missing.path("responseStatus").toString());
        assertEquals("Status", text(missing, "/responseObject/kind"));
        String id = id();
        assertEquals(
                403,
                stranger.get("/api/v1/nodes", "Authorization", "Bearer t", "Audit-ID", id)
                        .code());
        ObjectNode forbidden = events(id).getLast();
        assertEquals("jane", text(forbidden, "/user/username"));
        assertEquals("17", text(forbidden, "/user/uid"));
        assertEquals(
                "forbid",
                forbidden
                        .path("annotations")
                        .path("authorization.k8s.io/decision")
                        .asText());
        assertEquals("Forbidden", text(forbidden, "/responseStatus/reason"));
    }

    @Test
    void deletionsSayWhatIsGone() throws Exception {
        admin.post("/api/v1/namespaces/default/secrets", "{\"metadata\": {\"name\": \"gone\"}}")
                .succeeded();
        ObjectNode event = after(
                "DELETE",
                "/api/v1/namespaces/default/secrets/gone",
                "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}");
        assertEquals("delete", text(event, "/verb"));
        assertEquals("Success", text(event, "/responseStatus/status"));
        assertEquals("gone", text(event, "/responseStatus/details/name"));
        assertEquals(200, event.at("/responseStatus/code").asInt());
        admin.post(CONFIG_MAPS, "{\"metadata\": {\"name\": \"gone\"}}").succeeded();
        ObjectNode full = after(
                "DELETE",
                CONFIG_MAPS + "/gone",
                "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"gracePeriodSeconds\":0}");
        assertEquals("DeleteOptions", text(full, "/requestObject/kind"));
    }

    @Test
    void whoActsAsWhom() throws Exception {
        ObjectNode event = after("GET", CONFIG_MAPS, "", "Impersonate-User", "joe", "Impersonate-Group", "g");
        assertEquals("kubernetes-admin", text(event, "/user/username"));
        assertEquals("joe", text(event, "/impersonatedUser/username"));
        assertEquals("g", text(event, "/impersonatedUser/groups/0"));
        assertEquals("impersonate:user-info", text(event, "/authenticationMetadata/impersonationConstraint"));
        assertEquals("Forbidden", text(event, "/responseStatus/reason"), "joe may not");
    }

    @Test
    void whoIsNotLetIn() throws Exception {
        String id = id();
        assertEquals(
                401,
                stranger.get(CONFIG_MAPS, "Authorization", "Bearer wrong", "Audit-ID", id)
                        .code());
        List<ObjectNode> events = events(id);
        assertEquals(List.of("ResponseStarted"), stages(events));
        assertEquals("{}", events.getFirst().path("user").toString());
        assertEquals(401, events.getFirst().at("/responseStatus/code").asInt());
        assertFalse(Files.readString(log).contains("wrong"), "no token is written down");
    }

    @Test
    void watchesBeginAndEnd() throws Exception {
        String id = id();
        admin.get(CONFIG_MAPS + "?watch=true&timeoutSeconds=1", "Audit-ID", id).succeeded();
        Deadline.await(() -> events(id).size() == 3);
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages(events(id)));
        assertEquals("watch", text(events(id).getLast(), "/verb"));
        assertFalse(events(id).getLast().has("responseObject"));
    }

    @Test
    void whichTokenWasMadeAndWhoUsesIt() throws Exception {
        admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\": {\"name\": \"robot\"}}")
                .succeeded();
        String id = id();
        Caller.Answer made = admin.post(
                        "/api/v1/namespaces/default/serviceaccounts/robot/token",
                        "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"TokenRequest\"}",
                        "Audit-ID",
                        id)
                .succeeded();
        String issued = events(id)
                .getLast()
                .path("annotations")
                .path("authentication.kubernetes.io/issued-credential-id")
                .asText();
        assertTrue(issued.startsWith("JTI="), issued);
        String used = id();
        String token = made.at("/status/token");
        var _ = stranger.get("/version", "Authorization", "Bearer " + token, "Audit-ID", used);
        assertEquals(
                issued,
                events(used)
                        .getLast()
                        .at("/user/extra")
                        .path("authentication.kubernetes.io/credential-id")
                        .path(0)
                        .asText());
        assertFalse(Files.readString(log).contains(token), "the token itself is not written down");
    }

    @Test
    void whatAdmissionHasToSay() throws Exception {
        admin.post("/api/v1/namespaces", """
                {"metadata": {"name": "strict", "labels": {"pod-security.kubernetes.io/enforce": "baseline",
                 "pod-security.kubernetes.io/audit": "restricted"}}}""").succeeded();
        ObjectNode event = after("POST", "/api/v1/namespaces/strict/pods", """
                {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}""");
        JsonNode notes = event.path("annotations");
        assertEquals(
                "baseline:latest",
                notes.path("pod-security.kubernetes.io/enforce-policy").asText());
        assertTrue(notes.path("pod-security.kubernetes.io/audit-violations")
                .asText()
                .startsWith("would violate PodSecurity \"restricted:latest\""));
        assertEquals("allow", notes.path("authorization.k8s.io/decision").asText());
    }

    @Test
    void whatThePolicyLeavesOutIsNotThere() throws Exception {
        String id = id();
        admin.get("/healthz", "Audit-ID", id).succeeded();
        assertEquals(List.of(), events(id));
        assertEquals("/version", text(after("GET", "/version", ""), "/requestURI"));
        assertFalse(after("GET", "/version", "").has("objectRef"));
    }

    /** Whoever can write into lines of the log can write lines of their own: CWE-117. */
    @Test
    void nobodyWritesLinesOfTheirOwn() throws Exception {
        ObjectNode event = after(
                "GET",
                CONFIG_MAPS + "/a%0A%7B%22kind%22%3A%22Event%22%7D?x=%0A%22",
                "",
                "User-Agent",
                "\"}\\n{ " + "x".repeat(2_000),
                "X-Forwarded-For",
                "10.1.2.3, evil\\n, 2001:db8:0:0:0:0:0:1, 999.1.1.1",
                "X-Real-Ip",
                "10.1.2.4");
        assertEquals("a\n{\"kind\":\"Event\"}", text(event, "/objectRef/name"));
        assertEquals(CONFIG_MAPS + "/a%0A%7B%22kind%22%3A%22Event%22%7D?x=%0A%22", text(event, "/requestURI"));
        assertEquals(1_024 + "...TRUNCATED".length(), text(event, "/userAgent").length());
        assertEquals(
                "[\"10.1.2.3\",\"2001:db8::1\",\"10.1.2.4\",\"127.0.0.1\"]",
                event.path("sourceIPs").toString(),
                "what is no address is not believed to be one, and who really sent it stands last");
    }

    @Test
    void anotherServerIsToldTheSame() throws Exception {
        String id = id();
        admin.get("/version", "Audit-ID", id).succeeded();
        List<ObjectNode> events = new ArrayList<>();
        Deadline.await(() -> {
            events.clear();
            for (ObjectNode list : told) {
                assertEquals("EventList", list.path("kind").asText());
                assertEquals("audit.k8s.io/v1", list.path("apiVersion").asText());
                for (JsonNode event : list.path("items")) {
                    if (event.path("auditID").asText().equals(id)) {
                        events.add((ObjectNode) event);
                    }
                }
            }
            return events.size() == 2;
        });
        assertFalse(events.getFirst().has("kind"), "the list says it");
        assertEquals(List.of("RequestReceived", "ResponseComplete"), stages(events));
    }

    /** On {@code /dev/full} every write fails as on a disk that has no room left. */
    @Test
    void aFullDiskStopsRequestsOnlyWhereTheyMustBeWrittenDown(@TempDir Path folder) throws Exception {
        Path policy = Files.writeString(
                folder.resolve("p"),
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, nonResourceURLs: [/version]}]\n");
        for (String mode : List.of("blocking", "batch", "blocking-strict")) {
            try (ApiServer full = ApiServer.start(Flags.config(
                            folder.resolve(mode),
                            "--audit-policy-file=" + policy,
                            "--audit-log-path=/dev/full",
                            "--audit-log-mode=" + mode));
                    Caller caller = Caller.admin(full)) {
                Caller.Answer answer = caller.get("/version");
                if (mode.equals("blocking-strict")) {
                    assertEquals(500, answer.code());
                    assertTrue(answer.at("/message").contains("failed to store audit event"), answer.text());
                } else {
                    assertEquals(200, answer.code(), mode);
                }
                assertEquals(200, caller.get("/healthz").code(), "what is not written down is not concerned");
            }
        }
    }

    @Test
    void aPolicyThatCannotBeUsedIsNamed(@TempDir Path folder) throws Exception {
        Path policy = Files.writeString(
                folder.resolve("p"),
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, resorces: []}]\n");
        assertEquals(
                "--audit-policy-file: loading audit policy file: strict decoding error: unknown field"
                        + " \"rules[0].resorces\": from file " + policy,
                assertThrows(
                                IOException.class,
                                () -> ApiServer.start(Flags.config(folder, "--audit-policy-file=" + policy))
                                        .close())
                        .getMessage());
    }
}
