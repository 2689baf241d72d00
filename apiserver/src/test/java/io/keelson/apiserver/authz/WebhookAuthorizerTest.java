package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookAuthorizerTest {
    private static final Attributes WISH = Attributes.ofResource(
            new UserInfo("jane", "u1", List.of("dev"), Map.of("k", List.of("v"))),
            "get",
            new GroupResource("apps", "deployments"),
            "",
            "ns",
            "web");

    /** Compiles, and asks for what a request for a resource does not have. */
    private static final String FAILING = "request.nonResourceAttributes.path == '/'";

    private static final String KIND = "kind: AuthorizationConfiguration\n";

    @TempDir
    private Path folder;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private volatile String answer = "{\"status\":{\"allowed\":true,\"reason\":\"why not\"}}";
    private volatile int status = 200;
    private Instant now = Instant.EPOCH;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/elsewhere");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private WebhookAuthorizer authorizer(boolean deny, String... conditions) throws Exception {
        List<CelExpression> compiled = new ArrayList<>();
        for (String condition : conditions) {
            compiled.add(AccessConditions.compile(condition));
        }
        return new WebhookAuthorizer(
                new WebhookAuthorizer.Settings(
                        "hook", "v1", Duration.ofMinutes(5), Duration.ofSeconds(30), deny, compiled),
                new RemoteCalls(
                        RemoteServer.of(
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/", null),
                        Duration.ofSeconds(5),
                        1,
                        Duration.ZERO),
                () -> now);
    }

    @Test
    void asksOnceAndRemembersForAWhile() throws Exception {
        WebhookAuthorizer authorizer = authorizer(false);
        assertEquals(Decision.allow("why not"), authorizer.authorize(WISH));
        assertTrue(authorizer.authorize(WISH).allowed());
        assertEquals(1, asked.size());
        assertTrue(asked.getFirst().contains("\"groups\":[\"dev\"]"), asked::toString);
        now = now.plus(Duration.ofMinutes(5));
        answer = "{\"status\":{\"allowed\":false,\"denied\":true,\"reason\":\"no\"}}";
        assertEquals(Decision.deny("no"), authorizer.authorize(WISH));
        assertEquals(2, asked.size());
    }

    @Test
    void failuresFollowThePolicy() throws Exception {
        for (int code : new int[] {500, 302, 403}) {
            status = code;
            assertEquals(
                    Decision.Verdict.NO_OPINION,
                    authorizer(false).authorize(WISH).verdict());
            assertEquals(Decision.Verdict.DENY, authorizer(true).authorize(WISH).verdict());
        }
        status = 200;
        for (String garbage : List.of("", "[]", "{", "{\"status\":{\"allowed\":true,\"denied\":true}}")) {
            answer = garbage;
            assertFalse(authorizer(false).authorize(WISH).allowed(), garbage);
            assertEquals(Decision.Verdict.DENY, authorizer(true).authorize(WISH).verdict(), garbage);
        }
    }

    @Test
    void beingInterruptedIsNoAnswer() throws Exception {
        for (boolean deny : new boolean[] {false, true}) {
            WebhookAuthorizer authorizer = authorizer(deny);
            Thread.currentThread().interrupt();
            ApiException interrupted;
            try {
                interrupted = assertThrows(ApiException.class, () -> authorizer.authorize(WISH));
            } finally {
                assertTrue(Thread.interrupted(), "what waits next is not to wait either");
            }
            assertEquals("503 the request was interrupted", interrupted.code() + " " + interrupted.message());
            assertTrue(authorizer.authorize(WISH).allowed(), "nothing of it was remembered");
        }
    }

    @Test
    void conditionsDecideWhetherItIsAsked() throws Exception {
        assertEquals(
                Decision.NO_OPINION,
                authorizer(true, "request.user == 'john'", FAILING).authorize(WISH));
        assertEquals(0, asked.size());
        assertTrue(authorizer(true, "'dev' in request.groups", "has(request.resourceAttributes)")
                .authorize(WISH)
                .allowed());
        assertEquals(
                Decision.Verdict.DENY, authorizer(true, FAILING).authorize(WISH).verdict());
        assertEquals(Decision.NO_OPINION, authorizer(false, FAILING).authorize(WISH));
    }

    private void assertHold(Attributes attributes, String... conditions) throws Exception {
        for (String condition : conditions) {
            Decision decision = authorizer(true, condition).authorize(attributes);
            assertTrue(decision.allowed(), () -> condition + ": " + decision);
        }
    }

    /** Texts are always there; attributes and selectors only if there are some. */
    @Test
    void conditionsSeeTheSpecOfAReviewAsItsTypesSay() throws Exception {
        assertHold(
                WISH,
                "request.user == 'jane' && request.uid == 'u1'",
                "request.groups.exists(group, group == 'dev') && 'v' in request.extra['k']",
                "has(request.resourceAttributes) && !has(request.nonResourceAttributes)",
                "request.resourceAttributes.verb == 'get' && request.resourceAttributes.group == 'apps'",
                "request.resourceAttributes.resource == 'deployments' && request.resourceAttributes.version == '*'",
                "request.resourceAttributes.namespace == 'ns' && request.resourceAttributes.name == 'web'",
                "has(request.resourceAttributes.subresource) && request.resourceAttributes.subresource == ''",
                "!has(request.resourceAttributes.fieldSelector) && !has(request.resourceAttributes.labelSelector)",
                "!request.?nonResourceAttributes.hasValue()",
                "request.resourceAttributes.?name.orValue('') == 'web'");
        assertHold(
                Attributes.ofPath(new UserInfo("joe", "", List.of(), Map.of()), "get", "/healthz"),
                "has(request.uid) && request.uid == ''",
                "has(request.groups) && request.groups.size() == 0",
                "has(request.extra) && request.extra.size() == 0",
                "!has(request.resourceAttributes)",
                "request.nonResourceAttributes.path == '/healthz' && request.nonResourceAttributes.verb == 'get'");
        assertHold(
                new Attributes(
                        WISH.user(),
                        "list",
                        "",
                        "",
                        "v1",
                        "pods",
                        "",
                        "",
                        true,
                        "",
                        List.of(new SelectorRequirement("spec.nodeName", SelectorRequirement.IN, List.of("one"))),
                        List.of(new SelectorRequirement("app", "Exists", List.of()))),
                "request.resourceAttributes.fieldSelector.requirements.exists(one, one.key == 'spec.nodeName'"
                        + " && one.operator == 'In' && 'one' in one.values)",
                "request.resourceAttributes.labelSelector.requirements.all(one, has(one.values)"
                        + " && one.values.size() == 0)",
                "!has(request.resourceAttributes.fieldSelector.rawSelector)",
                "has(request.resourceAttributes.name) && request.resourceAttributes.namespace == ''");
    }

    @Test
    void expressionsThatMakeNoSenseAreRefused() {
        for (String text : List.of(
                "",
                "request.",
                "unknown == 1",
                "1 +",
                "x".repeat(20_000),
                "(".repeat(5_000) + "true" + ")".repeat(5_000),
                "request.user == 1",
                "request.groups == 'dev'",
                "request.resourceAttributes == 'pods'")) {
            assertThrows(CelExpressionException.class, () -> AccessConditions.compile(text), text);
        }
    }

    private static String uncompiled(String text) {
        return String.valueOf(assertThrows(CelExpressionException.class, () -> AccessConditions.compile(text), text)
                .getMessage());
    }

    @Test
    void fieldsThatThereAreNotAreNamed() {
        for (String object : List.of(
                "request",
                "request.resourceAttributes",
                "request.nonResourceAttributes",
                "request.resourceAttributes.fieldSelector",
                "request.resourceAttributes.labelSelector",
                "request.resourceAttributes.labelSelector.requirements[0]")) {
            String message = uncompiled(object + ".nothing == 'x'");
            assertTrue(message.startsWith("compilation failed: "), message);
            assertTrue(message.contains("undefined field 'nothing'"), message);
        }
        assertTrue(uncompiled("has(request.nothing)").contains("undefined field 'nothing'"));
    }

    @Test
    void conditionsThatAreNeitherTrueNorFalseAreRefused() {
        Map<String, String> types = Map.of(
                "request.user", "string",
                "request.groups.size()", "int",
                "request.groups", "list(string)",
                "request.extra", "map(string, list(string))",
                "request.resourceAttributes", "kubernetes.ResourceAttributes",
                "dyn(request.user)", "dyn");
        types.forEach((text, type) -> assertEquals("must evaluate to bool but got " + type, uncompiled(text)));
    }

    @Test
    void conditionsThatCostTooMuchFail() throws Exception {
        List<String> groups = IntStream.range(0, 300).mapToObj(i -> "group" + i).toList();
        Attributes wish = Attributes.ofPath(new UserInfo("joe", "", groups, Map.of()), "get", "/");
        String dear = "request.groups.all(a, request.groups.all(b, request.groups.all(c, a + b != c)))";
        assertEquals(
                Decision.Verdict.DENY, authorizer(true, dear).authorize(wish).verdict());
        assertEquals(Decision.NO_OPINION, authorizer(false, dear).authorize(wish));
        assertEquals(0, asked.size());
    }

    private static AuthorizationConfiguration parse(String yaml) throws IOException {
        return AuthorizationConfiguration.parse(ConfigFile.parse(yaml.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aConfigurationFileSaysWhoIsAsked() throws IOException {
        AuthorizationConfiguration configuration = parse("""
                apiVersion: apiserver.config.k8s.io/v1
                kind: AuthorizationConfiguration
                authorizers:
                - type: Webhook
                  name: hook
                  webhook:
                    authorizedTTL: 1m30s
                    cacheUnauthorizedRequests: false
                    timeout: 3s
                    subjectAccessReviewVersion: v1
                    matchConditionSubjectAccessReviewVersion: v1
                    failurePolicy: Deny
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: '%s'}
                    matchConditions: [{expression: "request.user != 'x'"}]
                - {type: Node, name: node}
                - {type: RBAC, name: rbac}
                """.formatted(Files.createFile(folder.resolve("hook"))));
        assertEquals(3, configuration.authorizers().size());
        AuthorizationConfiguration.Webhook hook =
                (AuthorizationConfiguration.Webhook) configuration.authorizers().getFirst();
        assertEquals(Duration.ofSeconds(90), hook.settings().authorizedLife());
        assertEquals(Duration.ZERO, hook.settings().unauthorizedLife());
        assertEquals(Duration.ofSeconds(3), hook.timeout());
    }

    @Test
    void aConfigurationThatIsWrongIsRefused() {
        String head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n";
        for (String wrong : List.of(
                "",
                "kind: Pod\n",
                head,
                head + "authorizers: [{type: Magic, name: x}]\n",
                head + "authorizers: [{type: RBAC}]\n",
                head + "authorizers: [{type: RBAC, name: x}, {type: Node, name: x}]\n",
                head + "authorizers: [{type: Webhook, name: x, webhook: {timeout: 1s}}]\n",
                head + "authorizers: [{type: Webhook, name: x, webhook: {timeout: forever, failurePolicy: Deny,"
                        + " subjectAccessReviewVersion: v1}}]\n")) {
            assertThrows(IOException.class, () -> parse(wrong), wrong);
        }
    }

    private String refusalOf(String times) throws IOException {
        String text = """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AuthorizationConfiguration
                authorizers:
                - type: Webhook
                  name: hook
                  webhook:
                    %s
                    subjectAccessReviewVersion: v1
                    failurePolicy: Deny
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: '%s'}
                """.formatted(times, Files.writeString(folder.resolve("hook"), ""));
        return String.valueOf(
                assertThrows(IOException.class, () -> parse(text), times).getMessage());
    }

    @Test
    void timesThatAreNoneOrLessThanNothingAreRefusedByName() throws IOException {
        assertTrue(refusalOf("timeout: -1s").endsWith(".timeout: must be > 0s and <= 30s"));
        assertTrue(refusalOf("timeout: 0s").endsWith(".timeout: must be > 0s and <= 30s"));
        assertTrue(refusalOf("timeout: soon").endsWith(".timeout: time: invalid duration \"soon\""));
        assertTrue(refusalOf("timeout: 1s\n    authorizedTTL: -5s").endsWith(".authorizedTTL: must be > 0s"));
        assertTrue(refusalOf("timeout: 1s\n    unauthorizedTTL: 1d")
                .endsWith(".unauthorizedTTL: time: unknown unit \"d\" in duration \"1d\""));
    }

    @Test
    void aConfigurationIsOfAVersionThatThereIs() throws IOException {
        String file = "apiVersion: %s\n" + KIND + "authorizers: [{type: RBAC, name: rbac}]\n";
        for (String version : List.of("v1", "v1beta1", "v1alpha1")) {
            assertEquals(
                    List.of(new AuthorizationConfiguration.BuiltIn("RBAC", "rbac")),
                    parse(file.formatted("apiserver.config.k8s.io/" + version)).authorizers());
        }
        for (String version : List.of("apiserver.config.k8s.io/v1alpha2", "apiserver.config.k8s.io/v1x", "v1")) {
            assertEquals(
                    "expected kind AuthorizationConfiguration of apiserver.config.k8s.io/v1 or"
                            + " apiserver.config.k8s.io/v1beta1 or apiserver.config.k8s.io/v1alpha1, got kind"
                            + " \"AuthorizationConfiguration\" of \"" + version + "\"",
                    assertThrows(IOException.class, () -> parse(file.formatted(version)))
                            .getMessage());
        }
    }

    private static Path connection(String info) throws IOException {
        AuthorizationConfiguration configuration =
                parse("apiVersion: apiserver.config.k8s.io/v1\n" + KIND + """
                authorizers:
                - type: Webhook
                  name: hook
                  webhook:
                    timeout: 3s
                    subjectAccessReviewVersion: v1
                    failurePolicy: Deny
                    connectionInfo: {%s}
                """.formatted(info));
        return ((AuthorizationConfiguration.Webhook) configuration.authorizers().getFirst()).kubeconfig();
    }

    private static String refusal(String info) {
        return String.valueOf(
                assertThrows(IOException.class, () -> connection(info), info).getMessage());
    }

    @Test
    void connectionsAreByAKubeconfig() throws IOException {
        Path hook = Files.createFile(folder.resolve("hook"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), hook);
        for (Path file : List.of(hook, link)) {
            assertEquals(file, connection("type: KubeConfigFile, kubeConfigFile: '" + file + "'"));
        }
        String at = "authorizers[0].webhook.connectionInfo.";
        assertEquals(
                at
                        + "type: Forbidden: InClusterConfig is not for API servers: set type=KubeConfigFile and kubeConfigFile",
                refusal("type: InClusterConfig"));
        assertEquals(at + "type: Required value", refusal(""));
        assertEquals(at + "type: Required value", refusal("kubeConfigFile: '" + hook + "'"));
        assertEquals(
                at + "type: Unsupported value: \"inClusterConfig\": supported values: \"InClusterConfig\","
                        + " \"KubeConfigFile\"",
                refusal("type: inClusterConfig"));
        for (String file : List.of("", "/etc/hook")) {
            assertEquals(
                    at + "kubeConfigFile: Invalid value: \"" + file + "\": can only be set when type=KubeConfigFile",
                    refusal("type: InClusterConfig, kubeConfigFile: '" + file + "'"));
        }
        String byFile = "type: KubeConfigFile, kubeConfigFile: ";
        assertEquals(at + "kubeConfigFile: Required value", refusal("type: KubeConfigFile"));
        assertEquals(at + "kubeConfigFile: Required value", refusal(byFile + "''"));
        assertEquals(
                at + "kubeConfigFile: Invalid value: \"hook\": must be an absolute path", refusal(byFile + "hook"));
        assertEquals(
                at + "kubeConfigFile: Invalid value: \"" + folder + "\": must be a regular file",
                refusal(byFile + "'" + folder + "'"));
        assertEquals(
                at + "kubeConfigFile: Invalid value: \"" + folder + "/gone\": error loading file: stat " + folder
                        + "/gone: no such file or directory",
                refusal(byFile + "'" + folder + "/gone'"));
        assertTrue(refusal(byFile + "\"/a\\0b\"").startsWith(at + "kubeConfigFile: Invalid value: "));
    }

    @Test
    void aConditionThatDoesNotCompileIsRefusedWithTheConfiguration() throws IOException {
        String file = "apiVersion: apiserver.config.k8s.io/v1\n" + KIND
                + """
                authorizers:
                - type: Webhook
                  name: hook
                  webhook:
                    timeout: 3s
                    subjectAccessReviewVersion: v1
                    matchConditionSubjectAccessReviewVersion: v1
                    failurePolicy: Deny
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: 'HOOK'}
                    matchConditions: [{expression: "request.user == 'jane'"}, {expression: "%s"}]
                """.replace("HOOK", Files.createFile(folder.resolve("hook")).toString());
        String at = "authorizers[0].webhook.matchConditions[1].expression: Invalid value: ";
        assertEquals(
                at + "\"request.user\": must evaluate to bool but got string",
                assertThrows(IOException.class, () -> parse(file.formatted("request.user")))
                        .getMessage());
        String undefined =
                String.valueOf(assertThrows(IOException.class, () -> parse(file.formatted("request.nothing == 1")))
                        .getMessage());
        assertTrue(
                undefined.startsWith(at + "\"request.nothing == 1\": compilation failed: ERROR: <input>:1:8: undefined"
                        + " field 'nothing'"),
                undefined);
    }

    private String refusalOfConditions(String version, String conditions) throws IOException {
        Path hook = folder.resolve("conditions");
        if (!Files.exists(hook)) {
            Files.createFile(hook);
        }
        String file = "apiVersion: apiserver.config.k8s.io/v1\n" + KIND + """
                authorizers:
                - type: Webhook
                  name: hook
                  webhook:
                    timeout: 3s
                    subjectAccessReviewVersion: v1
                    matchConditionSubjectAccessReviewVersion: '%s'
                    failurePolicy: Deny
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: '%s'}
                    matchConditions: [%s]
                """.formatted(version, hook, conditions);
        return String.valueOf(
                assertThrows(IOException.class, () -> parse(file), conditions).getMessage());
    }

    private static String conditions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{expression: \"request.user != 'user" + i + "'\"}")
                .collect(Collectors.joining(", "));
    }

    @Test
    void conditionsAreThereOnceAndNotTooMany() throws IOException {
        String at = "authorizers[0].webhook.matchConditions";
        String fine = "{expression: \"request.user == 'jane'\"}";
        assertEquals(at + "[1].expression: Required value", refusalOfConditions("v1", fine + ", {expression: ' '}"));
        assertEquals(at + "[0].expression: Required value", refusalOfConditions("v1", "{}"));
        assertEquals(
                at + "[1].expression: Duplicate value: \"request.user == 'jane'\"",
                refusalOfConditions("v1", fine + ", " + fine));
        assertEquals(at + ": Too many: 65: must have at most 64 items", refusalOfConditions("v1", conditions(65)));
        assertEquals(at + "[63].expression: Required value", refusalOfConditions("v1", conditions(63) + ", {}"));
    }

    @Test
    void conditionsAreAboutAVersionThatThereIs() throws IOException {
        String at = "authorizers[0].webhook.matchConditionSubjectAccessReviewVersion: ";
        assertEquals(
                at + "Required value: required if match conditions are specified",
                refusalOfConditions("", conditions(1)));
        for (String conditions : List.of("", conditions(1))) {
            assertEquals(
                    at + "Unsupported value: \"v1beta1\": supported values: \"v1\"",
                    refusalOfConditions("v1beta1", conditions));
        }
    }
}
