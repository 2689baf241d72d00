package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.cel.common.types.SimpleType;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelResult;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebhookAuthorizerTest {
    private static final Attributes WISH = Attributes.ofResource(
            new UserInfo("jane", "u1", List.of("dev"), Map.of("k", List.of("v"))),
            "get",
            new GroupResource("apps", "deployments"),
            "",
            "ns",
            "web");

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
            compiled.add(compile(condition));
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
    void conditionsDecideWhetherItIsAsked() throws Exception {
        assertEquals(
                Decision.NO_OPINION,
                authorizer(true, "request.user == 'john'", "request.nothing == 1")
                        .authorize(WISH));
        assertEquals(0, asked.size());
        assertTrue(authorizer(true, "'dev' in request.groups", "has(request.resourceAttributes)")
                .authorize(WISH)
                .allowed());
        assertEquals(
                Decision.Verdict.DENY,
                authorizer(true, "request.nothing == 1").authorize(WISH).verdict());
        assertEquals(
                Decision.NO_OPINION, authorizer(false, "request.nothing == 1").authorize(WISH));
    }

    @Test
    void expressionsThatMakeNoSenseAreRefused() {
        for (String text : List.of("", "request.", "unknown == 1", "1 +", "x".repeat(20_000))) {
            assertThrows(CelExpressionException.class, () -> compile(text), text);
        }
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
                    connectionInfo: {type: KubeConfigFile, kubeConfigFile: /etc/hook}
                    matchConditions: [{expression: "request.user != 'x'"}]
                - {type: Node, name: node}
                - {type: RBAC, name: rbac}
                """);
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

    private static CelExpression compile(String text) throws CelExpressionException {
        return CelEnvironment.standard().with("request", SimpleType.DYN).compile(text, Set.of(CelResult.ANY));
    }
}
