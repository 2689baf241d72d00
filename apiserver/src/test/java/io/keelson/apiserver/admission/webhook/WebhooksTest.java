package io.keelson.apiserver.admission.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.webhook.Api.Answer;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Webhooks of admission over HTTPS on a running server. Each test has a namespace, and webhooks for that alone. */
final class WebhooksTest {
    private static final String CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/";
    private static final String MAPS =
            "{'operations': ['*'], 'apiGroups': [''], 'apiVersions': ['v1'], 'resources':" + " ['configmaps']}";
    private static final AtomicInteger NAMES = new AtomicInteger();

    private static Api api;
    private static HookServer hooks;

    @BeforeAll
    static void start() {
        api = new Api();
        hooks = new HookServer("127.0.0.1", "hooks.default.svc");
    }

    @AfterAll
    static void stop() {
        hooks.close();
        api.close();
    }

    private static String namespace() {
        String name = "ns-" + NAMES.incrementAndGet();
        api.post("/api/v1/namespaces", "{'metadata': {'name': '" + name + "', 'labels': {'ns': '" + name + "'}}}")
                .succeeded();
        return name;
    }

    private static String hook(String name, String namespace, String client, String rules, String more) {
        return "{'name': '" + name + "', 'clientConfig': " + client + ", 'rules': [" + rules
                + "], 'admissionReviewVersions': ['v1'], 'namespaceSelector': {'matchLabels': {'ns': '" + namespace
                + "'}}" + (more.isEmpty() ? "" : ", " + more)
                + (more.contains("sideEffects") ? "" : ", 'sideEffects': 'None'") + "}";
    }

    private static void configure(String kind, String name, String... webhooks) {
        api.post(
                        CONFIGURATIONS + kind.toLowerCase(Locale.ROOT) + "webhookconfigurations",
                        "{'metadata': {'name': '" + name + "'}, 'webhooks': [" + String.join(",", webhooks) + "]}")
                .succeeded();
    }

    private static String maps(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    private static Answer map(String namespace, String name) {
        return api.post(maps(namespace), "{'metadata': {'name': '" + name + "'}, 'data': {'a': 'b'}}");
    }

    /** Makes objects of ever new names until the webhook is called. */
    private static Answer untilAsked(String namespace, BlockingQueue<JsonNode> asked) {
        return Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), _ -> !asked.isEmpty());
    }

    @Test
    void isAskedInTheShapeOfTheApiAndSpeaksToTheClient() throws InterruptedException {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/shape", request -> {
            ObjectNode review = HookServer.response(request, true);
            review.withObject("/response").putArray("warnings").add("mind the gap");
            return review;
        });
        configure("Validating", namespace, hook("shape.example.com", namespace, hooks.client("/shape"), MAPS, ""));
        Answer made = untilAsked(namespace, asked).succeeded();
        assertTrue(
                made.warnings().toString().contains("mind the gap"),
                made.warnings().toString());
        JsonNode review = asked.take();
        assertEquals("AdmissionReview", review.path("kind").asText());
        assertEquals("admission.k8s.io/v1", review.path("apiVersion").asText());
        JsonNode request = review.path("request");
        assertEquals(
                "{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"}",
                request.path("kind").toString());
        assertEquals(
                "{\"group\":\"\",\"version\":\"v1\",\"resource\":\"configmaps\"}",
                request.path("resource").toString());
        assertEquals(request.path("kind"), request.path("requestKind"));
        assertEquals(namespace, request.path("namespace").asText());
        assertEquals("CREATE", request.path("operation").asText());
        assertTrue(request.path("oldObject").isNull());
        assertFalse(request.path("dryRun").asBoolean(true));
        assertEquals("CreateOptions", request.at("/options/kind").asText());
        assertEquals("v1", request.at("/object/apiVersion").asText());
        assertEquals("b", request.at("/object/data/a").asText());
        assertTrue(request.at("/object/metadata/uid").isMissingNode(), "a new object has no uid yet");
        assertTrue(request.at("/userInfo/groups").toString().contains("system:masters"));
        assertFalse(made.text("/metadata/uid").isEmpty());

        String path = maps(namespace) + "/" + made.text("/metadata/name");
        api.merge(path, "{'data': {'a': 'c'}}").succeeded();
        JsonNode update = asked.take().path("request");
        assertEquals("UPDATE", update.path("operation").asText());
        assertEquals("b", update.at("/oldObject/data/a").asText());
        assertEquals("c", update.at("/object/data/a").asText());
        api.delete(path).succeeded();
        JsonNode deletion = asked.take().path("request");
        assertEquals("DELETE", deletion.path("operation").asText());
        assertTrue(deletion.path("object").isNull());
        assertEquals("c", deletion.at("/oldObject/data/a").asText());
    }

    @Test
    void deniesInItsOwnWords() {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/deny", request -> {
            ObjectNode review = HookServer.response(request, false);
            ObjectNode status = review.withObject("/response").putObject("status");
            switch (request.at("/object/data/how").asText()) {
                case "words" ->
                    status.put("message", "not here").put("reason", "Forbidden").put("code", 403);
                case "reason" -> status.put("reason", "Unheard").put("code", 200);
                default -> review.withObject("/response").remove("status");
            }
            return review;
        });
        configure("Validating", namespace, hook("deny.example.com", namespace, hooks.client("/deny"), MAPS, ""));
        Answer plain = untilAsked(namespace, asked);
        assertEquals("admission webhook \"deny.example.com\" denied the request without explanation", plain.message());
        assertEquals(400, plain.code());
        Answer words = api.post(maps(namespace), "{'metadata': {'name': 'x'}, 'data': {'how': 'words'}}");
        assertEquals(403, words.code());
        assertEquals("Forbidden", words.text("/reason"));
        assertEquals("admission webhook \"deny.example.com\" denied the request: not here", words.message());
        Answer reason = api.post(maps(namespace), "{'metadata': {'name': 'x'}, 'data': {'how': 'reason'}}");
        assertEquals("admission webhook \"deny.example.com\" denied the request: Unheard", reason.message());
        assertEquals("Unheard", reason.text("/reason"));
    }

    @Test
    void patchesAreAppliedInOrderAndSeenAgainByThoseWhoWish() throws InterruptedException {
        String namespace = namespace();
        BlockingQueue<JsonNode> first = hooks.at(
                "/first",
                request -> request.at("/object/data/first").isMissingNode()
                        ? HookServer.patching(request, "[{'op': 'add', 'path': '/data/first', 'value': 'x'}]")
                        : HookServer.response(request, true));
        BlockingQueue<JsonNode> second = hooks.at(
                "/second",
                request -> request.at("/object/data/second").isMissingNode()
                        ? HookServer.patching(
                                request,
                                "[{'op': 'add', 'path': '/data/second', 'value': 'y'}, {'op': 'add', 'path':"
                                        + " '/metadata/labels', 'value': {'touched': 'yes'}}, {'op': 'add', 'path':"
                                        + " '/unheard', 'value': 1}]")
                        : HookServer.response(request, true));
        configure(
                "Mutating",
                namespace,
                hook("first.example.com", namespace, hooks.client("/first"), MAPS, "'reinvocationPolicy': 'IfNeeded'"),
                hook("second.example.com", namespace, hooks.client("/second"), MAPS, ""));
        Answer made = untilAsked(namespace, second).succeeded();
        assertEquals("x", made.text("/data/first"));
        assertEquals("y", made.text("/data/second"));
        assertEquals("yes", made.text("/metadata/labels/touched"));
        assertTrue(made.body().path("unheard").isMissingNode(), "what the kind does not have is dropped");
        assertFalse(made.text("/metadata/uid").isEmpty());
        assertEquals("x", second.take().at("/request/object/data/first").asText());
        assertNull(second.poll());
        first.take();
        assertEquals("y", first.take().at("/request/object/data/second").asText());
        assertNull(first.poll());
        Answer stored = api.get(maps(namespace) + "/" + made.text("/metadata/name"));
        assertEquals("y", stored.text("/data/second"));
    }

    @Test
    void isAskedOnlyIfItsConditionsHold() throws InterruptedException {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/conditions", request -> HookServer.response(request, true));
        configure(
                "Validating",
                namespace,
                hook(
                        "conditions.example.com",
                        namespace,
                        hooks.client("/conditions"),
                        MAPS,
                        "'matchConditions': [{'name': 'not-skipped', 'expression': '!object.metadata.name.startsWith(\\\"skip\\\")'},"
                                + "{'name': 'may-do', 'expression': 'authorizer.group(\\\"\\\").resource(\\\"pods\\\").namespace(\\\""
                                + namespace
                                + "\\\").check(\\\"create\\\").allowed() && request.operation == \\\"CREATE\\\"'}]"));
        untilAsked(namespace, asked).succeeded();
        asked.clear();
        map(namespace, "skip-me").succeeded();
        assertTrue(asked.isEmpty());
        map(namespace, "ask").succeeded();
        assertEquals("ask", asked.take().at("/request/object/metadata/name").asText());
    }

    @Test
    void conditionsThatFailGoByTheFailurePolicy() throws InterruptedException {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/failing", request -> HookServer.response(request, true));
        String condition = "'matchConditions': [{'name': 'fails', 'expression': 'object.data.nope == \\\"x\\\"'}], ";
        configure(
                "Validating",
                namespace + "-ignored",
                hook(
                        "ignored.example.com",
                        namespace,
                        hooks.client("/failing"),
                        MAPS,
                        condition + "'failurePolicy': 'Ignore'"));
        configure(
                "Mutating",
                namespace,
                hook(
                        "failing.example.com",
                        namespace,
                        hooks.client("/failing"),
                        MAPS,
                        condition + "'failurePolicy': 'Fail'"));
        Answer refused = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() == 403);
        assertTrue(
                refused.message()
                        .endsWith(
                                "is forbidden: expression 'object.data.nope == \"x\"' resulted in error: no such key: nope"),
                refused.message());
        assertTrue(asked.isEmpty());
    }

    @Test
    void conditionsMustCompile() {
        Answer refused = api.post(
                CONFIGURATIONS + "validatingwebhookconfigurations",
                "{'metadata': {'name': 'wrong'}, 'webhooks': ["
                        + hook(
                                "wrong.example.com",
                                "none",
                                hooks.client("/none"),
                                MAPS,
                                "'matchConditions': [{'name': 'a', 'expression': 'nope == 1'}, {'name': 'b', 'expression': '1'}]")
                        + "]}");
        assertEquals(422, refused.code());
        assertTrue(
                refused.message()
                        .contains(
                                "webhooks[0].matchConditions[0].expression: Invalid value: \"nope == 1\": compilation failed:"
                                        + " ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')"),
                refused.message());
        assertTrue(
                refused.message()
                        .contains(
                                "webhooks[0].matchConditions[1].expression: Invalid value: \"1\": must evaluate to bool"),
                refused.message());
    }

    /** CVE-2020-8561: a webhook that has the server call somebody else, and read the answer out of a log. */
    @Test
    void cve20208561RedirectsOfWebhooksAreNotFollowed() {
        String namespace = namespace();
        hooks.raw("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", hooks.url("/moved/target"));
            HookServer.send(exchange, 302, "text/plain", new byte[0]);
        });
        BlockingQueue<JsonNode> followed = hooks.at("/moved/target", request -> HookServer.response(request, true));
        configure(
                "Mutating",
                namespace + "-moved",
                hook("moved.example.com", namespace, hooks.client("/moved"), MAPS, "'timeoutSeconds': 1"));
        Answer refused = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(
                "Internal error occurred: failed calling webhook \"moved.example.com\": failed to call webhook: the server"
                        + " responded with the status code 302 but did not return more information",
                refused.message());
        assertTrue(followed.isEmpty(), "redirects are not followed");
        api.delete(CONFIGURATIONS + "mutatingwebhookconfigurations/" + namespace + "-moved")
                .succeeded();
    }

    @Test
    void whateverGoesWrongRefusesOrIsIgnored() {
        String namespace = namespace();
        CountDownLatch end = new CountDownLatch(1);
        byte[] huge = new byte[(16 << 20) + 10];
        hooks.raw("/bad/slow", exchange -> end.await(30, TimeUnit.SECONDS));
        hooks.raw("/bad/huge", exchange -> HookServer.send(exchange, 200, "application/json", huge));
        hooks.raw(
                "/bad/garbage",
                exchange ->
                        HookServer.send(exchange, 200, "application/json", "{\"a\":".getBytes(StandardCharsets.UTF_8)));
        hooks.raw(
                "/bad/list",
                exchange -> HookServer.send(exchange, 200, "application/json", "[]".getBytes(StandardCharsets.UTF_8)));
        hooks.raw(
                "/bad/error",
                exchange -> HookServer.send(exchange, 500, "text/plain", "no luck".getBytes(StandardCharsets.UTF_8)));
        hooks.raw("/bad/closes", _ -> {});
        hooks.at("/bad/uid", request -> {
            ObjectNode review = HookServer.response(request, true);
            review.withObject("/response").put("uid", "other");
            return review;
        });
        hooks.at("/bad/kind", request -> HookServer.response(request, true).put("kind", "Other"));
        hooks.at(
                "/bad/empty",
                _ -> Json.object().put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview"));
        hooks.at("/bad/type", request -> {
            ObjectNode review = HookServer.response(request, true);
            review.withObject("/response").put("patch", "W10=");
            return review;
        });
        hooks.at("/bad/patch", request -> HookServer.patching(request, "nonsense"));
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put(
                "slow",
                "failed to call webhook: Post \"" + hooks.url("/bad/slow")
                        + "?timeout=1s\": context deadline exceeded");
        expected.put("huge", "failed to call webhook: Post \"" + hooks.url("/bad/huge") + "?timeout=1s\": ");
        expected.put("garbage", "failed to call webhook: couldn't get version/kind; json parse error: ");
        expected.put("list", "failed to call webhook: couldn't get version/kind; json parse error: ");
        expected.put(
                "error",
                "failed to call webhook: an error on the server (\"no luck\") has prevented the request from"
                        + " succeeding");
        expected.put("closes", "failed to call webhook: Post \"" + hooks.url("/bad/closes") + "?timeout=1s\": ");
        expected.put("uid", "received invalid webhook response: expected response.uid=\"");
        expected.put(
                "kind",
                "received invalid webhook response: expected webhook response of admission.k8s.io/v1,"
                        + " Kind=AdmissionReview, got admission.k8s.io/v1, Kind=Other");
        expected.put("empty", "received invalid webhook response: webhook response was absent");
        expected.put(
                "type",
                "received invalid webhook response: webhook returned response.patch but not response.patchType");
        expected.put("patch", "received undecodable patch in webhook response: ");
        expected.forEach((path, text) -> {
            String name = path + ".example.com";
            String configuration = namespace + "-" + path;
            String client = hooks.client("/bad/" + path);
            configure("Mutating", configuration, hook(name, namespace, client, MAPS, "'timeoutSeconds': 1"));
            Answer refused =
                    Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
            assertEquals(500, refused.code(), path);
            assertEquals("InternalError", refused.text("/reason"));
            String start = "Internal error occurred: failed calling webhook \"" + name + "\": " + text;
            assertTrue(refused.message().startsWith(start), refused.message());
            String at = CONFIGURATIONS + "mutatingwebhookconfigurations/" + configuration;
            api.post(
                            CONFIGURATIONS + "mutatingwebhookconfigurations",
                            "{'metadata': {'name': '" + configuration + "-open'}, 'webhooks': ["
                                    + hook(
                                            name,
                                            namespace,
                                            client,
                                            MAPS,
                                            "'timeoutSeconds': 1, 'failurePolicy': 'Ignore'")
                                    + "]}")
                    .succeeded();
            api.delete(at).succeeded();
            Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() == 201);
            api.delete(at + "-open").succeeded();
        });
        end.countDown();
    }

    @Test
    void patchesThatDoNotFitAreTheServersError() {
        String namespace = namespace();
        hooks.at("/unfit", request -> HookServer.patching(request, "[{'op': 'remove', 'path': '/data/nowhere'}]"));
        hooks.at("/typed", request -> HookServer.patching(request, "[{'op': 'add', 'path': '/data', 'value': 7}]"));
        // Such an answer is none that a policy of failures could let pass.
        configure(
                "Mutating",
                namespace,
                hook("unfit.example.com", namespace, hooks.client("/unfit"), MAPS, "'failurePolicy': 'Ignore'"));
        Answer unfit = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(500, unfit.code(), unfit.message());
        api.delete(CONFIGURATIONS + "mutatingwebhookconfigurations/" + namespace)
                .succeeded();
        Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() == 201);
        configure("Mutating", namespace, hook("typed.example.com", namespace, hooks.client("/typed"), MAPS, ""));
        Answer typed = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(500, typed.code(), typed.message());
    }

    @Test
    void validatingWebhooksAreAskedSideBySide() {
        String namespace = namespace();
        CyclicBarrier together = new CyclicBarrier(3);
        String[] webhooks = new String[3];
        for (int i = 0; i < webhooks.length; i++) {
            hooks.at("/side/" + i, request -> {
                try {
                    together.await(10, TimeUnit.SECONDS);
                    return HookServer.response(request, true);
                } catch (BrokenBarrierException | TimeoutException e) {
                    return HookServer.response(request, false);
                }
            });
            webhooks[i] = hook("side" + i + ".example.com", namespace, hooks.client("/side/" + i), MAPS, "");
        }
        configure("Validating", namespace, webhooks);
        for (int i = 0; i < 3; i++) {
            map(namespace, "m" + i).succeeded();
        }
    }

    @Test
    void dryRunsAndUnheardOfEffectsDoNotGoTogether() {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/dry", request -> HookServer.response(request, true));
        configure(
                "Validating",
                namespace,
                hook("dry.example.com", namespace, hooks.client("/dry"), MAPS, "'sideEffects': 'NoneOnDryRun'"));
        untilAsked(namespace, asked).succeeded();
        asked.clear();
        api.post(maps(namespace) + "?dryRun=All", "{'metadata': {'name': 'dry'}}")
                .succeeded();
        assertTrue(asked.peek().at("/request/dryRun").asBoolean());
        assertEquals("[\"All\"]", asked.peek().at("/request/options/dryRun").toString());
        assertEquals(404, api.get(maps(namespace) + "/dry").code());
    }

    @Test
    void aRuleForAnotherVersionGetsTheObjectInThatVersion() {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at(
                "/version",
                request -> HookServer.patching(
                        request, "[{'op': 'replace', 'path': '/spec/targetCPUUtilizationPercentage', 'value': 42}]"));
        configure(
                "Mutating",
                namespace,
                hook(
                        "version.example.com",
                        namespace,
                        hooks.client("/version"),
                        "{'operations': ['CREATE'], 'apiGroups': ['autoscaling'], 'apiVersions': ['v1'], 'resources':"
                                + " ['horizontalpodautoscalers']}",
                        ""));
        String path = "/apis/autoscaling/v2/namespaces/" + namespace + "/horizontalpodautoscalers";
        Answer made = Api.until(
                () -> api.post(
                        path,
                        "{'metadata': {'name': 'h" + NAMES.incrementAndGet()
                                + "'}, 'spec': {'maxReplicas': 3, 'scaleTargetRef': {'kind': 'Deployment', 'name':"
                                + " 'd', 'apiVersion': 'apps/v1'}, 'metrics': [{'type': 'Resource', 'resource':"
                                + " {'name': 'cpu', 'target': {'type': 'Utilization', 'averageUtilization':"
                                + " 50}}}]}}"),
                _ -> !asked.isEmpty());
        assertEquals(
                42,
                made.succeeded()
                        .body()
                        .at("/spec/metrics/0/resource/target/averageUtilization")
                        .asInt());
        JsonNode request = asked.remove().path("request");
        assertEquals("v1", request.at("/kind/version").asText());
        assertEquals("v2", request.at("/requestKind/version").asText());
        assertEquals("v1", request.at("/resource/version").asText());
        assertEquals("v2", request.at("/requestResource/version").asText());
        assertEquals("autoscaling/v1", request.at("/object/apiVersion").asText());
        assertEquals(
                50, request.at("/object/spec/targetCPUUtilizationPercentage").asInt());
    }

    @Test
    void whatComesOfCallsIsCounted() {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/counted", request -> {
            boolean allowed = !request.at("/object/data/a").asText().equals("no");
            ObjectNode review = HookServer.response(request, allowed);
            review.withObject("/response").putObject("status").put("code", 403);
            return review;
        });
        configure("Validating", namespace, hook("counted.example.com", namespace, hooks.client("/counted"), MAPS, ""));
        untilAsked(namespace, asked).succeeded();
        String named = "name=\"%s.example.com\",operation=\"CREATE\",";
        String requests =
                "apiserver_admission_webhook_request_total{code=\"%s\"," + named + "rejected=\"%s\",type=\"%s\"}";
        String rejections = "apiserver_admission_webhook_rejection_count{error_type=\"%s\"," + named
                + "rejection_code=\"%s\",type=\"%s\"}";
        String durations = "apiserver_admission_webhook_admission_duration_seconds_count{" + named
                + "rejected=\"%s\",type=\"%s\"}";
        assertEquals(1, api.counted(requests.formatted("200", "counted", "false", "validating")));
        assertEquals(1, api.counted(durations.formatted("counted", "false", "validating")));
        assertEquals(
                403,
                api.post(maps(namespace), "{'metadata': {'name': 'x'}, 'data': {'a': 'no'}}")
                        .code());
        assertEquals(1, api.counted(requests.formatted("403", "counted", "true", "validating")));
        assertEquals(1, api.counted(durations.formatted("counted", "true", "validating")));
        assertEquals(1, api.counted(rejections.formatted("no_error", "counted", "403", "validating")));

        hooks.raw("/counted/down", exchange -> HookServer.send(exchange, 502, "text/plain", new byte[0]));
        String down = hooks.client("/counted/down");
        configure(
                "Mutating",
                namespace + "-open",
                hook("open.example.com", namespace, down, MAPS, "'failurePolicy': 'Ignore'"));
        String open = "apiserver_admission_webhook_fail_open_count{name=\"open.example.com\",type=\"admit\"}";
        Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()).succeeded(), _ -> api.counted(open) > 0);
        assertEquals(api.counted(open), api.counted(requests.formatted("502", "open", "false", "admit")));
        assertEquals(0, api.counted(rejections.formatted("calling_webhook_error", "open", "502", "admit")));

        configure("Mutating", namespace + "-down", hook("down.example.com", namespace, down, MAPS, ""));
        Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(1, api.counted(rejections.formatted("calling_webhook_error", "down", "502", "admit")));
        assertEquals(1, api.counted(requests.formatted("502", "down", "true", "admit")));
        api.delete(CONFIGURATIONS + "mutatingwebhookconfigurations/" + namespace + "-down")
                .succeeded();
        Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() == 201);

        hooks.at(
                "/counted/unfit",
                request -> HookServer.patching(request, "[{'op': 'remove', 'path': '/data/nowhere'}]"));
        configure(
                "Mutating",
                namespace + "-unfit",
                hook("misfit.example.com", namespace, hooks.client("/counted/unfit"), MAPS, ""));
        Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(1, api.counted(rejections.formatted("apiserver_internal_error", "misfit", "0", "admit")));
        assertEquals(1, api.counted(requests.formatted("0", "misfit", "true", "admit")));
    }

    @Test
    void configurationsThemselvesStayWithinReach() {
        BlockingQueue<JsonNode> asked = hooks.at("/all", request -> HookServer.response(request, false));
        String all = "{'operations': ['*'], 'apiGroups': ['admissionregistration.k8s.io', ''], 'apiVersions': ['*'],"
                + " 'resources': ['*/*'], 'scope': 'Cluster'}";
        String webhook = "{'name': 'all.example.com', 'clientConfig': " + hooks.client("/all") + ", 'rules': [" + all
                + "], 'admissionReviewVersions': ['v1'], 'sideEffects': 'None', 'objectSelector': {'matchLabels':"
                + " {'deny': 'me'}}}";
        configure("Validating", "all", webhook);
        Answer refused = Api.until(
                () -> api.post(
                        "/api/v1/namespaces",
                        "{'metadata': {'name': 'all-" + NAMES.incrementAndGet() + "', 'labels': {'deny': 'me'}}}"),
                answer -> answer.code() != 201);
        assertTrue(refused.message().startsWith("admission webhook \"all.example.com\" denied"), refused.message());
        JsonNode request = asked.remove().path("request");
        assertEquals(request.path("name"), request.path("namespace"));
        api.merge(CONFIGURATIONS + "validatingwebhookconfigurations/all", "{'metadata': {'labels': {'deny': 'me'}}}")
                .succeeded();
        api.delete(CONFIGURATIONS + "validatingwebhookconfigurations/all").succeeded();
    }

    @Test
    void aServiceIsReachedAtItsAddressAndKnownByItsName() {
        String namespace = namespace();
        BlockingQueue<JsonNode> asked = hooks.at("/service", request -> HookServer.response(request, true));
        String client = "{'service': {'name': 'hooks', 'namespace': 'default', 'path': '/service', 'port': "
                + hooks.port() + "}, 'caBundle': '" + hooks.caBundle() + "'}";
        configure("Validating", namespace, hook("service.example.com", namespace, client, MAPS, ""));
        Answer missing = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() != 201);
        assertEquals(
                "Internal error occurred: failed calling webhook \"service.example.com\": failed to call webhook: Post"
                        + " \"https://hooks.default.svc:" + hooks.port()
                        + "/service?timeout=10s\": service \"hooks\" not found",
                missing.message());
        api.post(
                        "/api/v1/namespaces/default/services",
                        "{'metadata': {'name': 'hooks'}, 'spec': {'type': 'ExternalName', 'externalName':"
                                + " 'localhost'}}")
                .succeeded();
        Answer made = Api.until(() -> map(namespace, "m" + NAMES.incrementAndGet()), answer -> answer.code() == 201);
        assertNotNull(made);
        assertFalse(asked.isEmpty());
    }

    @Test
    void aNameThatIsTakenIsMadeUpAgainButNotForEver() {
        String namespace = namespace();
        AtomicInteger taken = new AtomicInteger();
        BlockingQueue<JsonNode> asked = hooks.at(
                "/names",
                request -> taken.getAndDecrement() > 0
                        ? HookServer.patching(request, "[{'op': 'add', 'path': '/metadata/name', 'value': 'taken'}]")
                        : HookServer.response(request, true));
        configure("Mutating", namespace, hook("names.example.com", namespace, hooks.client("/names"), MAPS, ""));
        untilAsked(namespace, asked).succeeded();
        map(namespace, "taken").succeeded();
        String unnamed = "{'metadata': {'generateName': 'made-up-'}}";

        asked.clear();
        taken.set(7);
        Answer made = api.post(maps(namespace), unnamed).succeeded();
        assertTrue(made.text("/metadata/name").startsWith("made-up-"), made.body()::toString);
        assertEquals(8, asked.size());

        asked.clear();
        taken.set(8);
        Answer refused = api.post(maps(namespace), unnamed);
        assertEquals(409, refused.code(), refused.body()::toString);
        assertEquals("AlreadyExists", refused.text("/reason"));
        assertTrue(
                refused.message()
                        .endsWith("\" already exists, the server was not able to generate a unique name for the"
                                + " object"),
                refused.message());
        assertEquals(1, refused.body().at("/details/retryAfterSeconds").asInt());
        assertEquals(8, asked.size());
    }
}
