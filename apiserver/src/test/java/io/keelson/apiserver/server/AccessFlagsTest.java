package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.audit.AuditSettings;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.AuthorizationConfiguration;
import io.keelson.apiserver.authz.ConfiguredAuthorizer;
import io.keelson.apiserver.authz.NodeAuthorizer;
import io.keelson.apiserver.authz.NodeGraph;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.WatchedFile;
import io.keelson.apiserver.metrics.AccessMetrics;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

/** Flags of authentication, authorization and the audit log: what they mean, and which do not go together. */
class AccessFlagsTest {
    private static final NodeAuthorizer NODES = new NodeAuthorizer(new NodeGraph(), List.of());

    @TempDir
    private Path folder;

    private AccessSettings parse(String... flags) {
        return Flags.config(folder, flags).cluster().access();
    }

    private String refused(String... flags) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> parse(flags)).getMessage());
    }

    @Test
    void withoutFlagsNothingBesidesTheServersOwnIsBelieved() {
        AuthenticationSettings settings = parse().authentication();
        assertNull(settings.tokenFile());
        assertNull(settings.oidc());
        assertNull(settings.frontProxy());
        assertNull(settings.webhook());
        assertEquals(List.of("https://kubernetes.default.svc.cluster.local"), settings.audiences());
        assertNull(parse().authorization().webhook());
        assertNull(parse().audit().policyFile());
        assertNull(parse().audit().log());
    }

    @Test
    void flagsOfAProviderOfTokens() {
        AuthenticationSettings.Oidc oidc = parse(
                        "--oidc-issuer-url=https://issuer",
                        "--oidc-client-id=kubernetes",
                        "--oidc-username-claim=email",
                        "--oidc-groups-claim=groups",
                        "--oidc-groups-prefix=oidc:",
                        "--oidc-required-claim=hd=example.com",
                        "--oidc-required-claim=tier=a,b",
                        "--oidc-signing-algs=RS256,ES256")
                .authentication()
                .oidc();
        assertTrue(oidc != null);
        assertEquals("email", oidc.usernameClaim());
        assertEquals("example.com", oidc.requiredClaims().get("hd"));
        assertEquals("a,b", oidc.requiredClaims().get("tier"));
        assertEquals(Set.of("RS256", "ES256"), oidc.signingAlgorithms());
    }

    @Test
    void flagsOfAuthenticationThatDoNotGoTogetherAreNamed() {
        assertEquals(
                "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
                refused("--oidc-issuer-url=https://issuer"));
        assertEquals(
                "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
                refused("--oidc-groups-claim=groups"));
        assertEquals(
                "authentication-config file and oidc-* flags are mutually exclusive",
                refused("--authentication-config=f", "--oidc-issuer-url=https://i", "--oidc-client-id=c"));
        assertEquals(
                "service-account-issuer \"a\" is already specified",
                refused("--service-account-issuer=a", "--service-account-issuer=a"));
        assertEquals("service-account-issuer should not be an empty string", refused("--service-account-issuer="));
        assertEquals(
                "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds",
                refused("--service-account-max-token-expiration=5m"));
        assertEquals(
                "service-account-jwks-uri requires https scheme, parsed as: http://x/keys",
                refused("--service-account-jwks-uri=http://x/keys"));
        assertEquals(
                "empty value in \"requestheader-username-headers\"",
                refused("--requestheader-username-headers=X-Remote-User, "));
        assertTrue(refused("--authentication-token-webhook-config-file=f", "--authentication-token-webhook-version=v2")
                .contains("--authentication-token-webhook-version: unsupported authentication webhook version \"v2\""));
        ParameterException duration =
                assertThrows(ParameterException.class, () -> parse("--authentication-token-webhook-cache-ttl=soon"));
        assertTrue(String.valueOf(duration.getMessage()).contains("--authentication-token-webhook-cache-ttl"));
    }

    @Test
    void flagsOfAuthorizationThatDoNotGoTogetherAreNamed() {
        String together = "--authorization-config can not be specified when --authorization-mode or"
                + " --authorization-webhook-* flags are defined";
        assertEquals(together, refused("--authorization-config=f", "--authorization-mode=RBAC"));
        assertEquals(together, refused("--authorization-config=f", "--authorization-webhook-version=v1"));
        AuthorizationSettings.Webhook webhook = parse(
                        "--authorization-webhook-config-file=f", "--authorization-webhook-cache-unauthorized-ttl=3s")
                .authorization()
                .webhook();
        assertTrue(webhook != null);
        assertEquals("v1beta1", webhook.version());
        assertEquals(Duration.ofMinutes(5), webhook.authorizedLife());
        assertEquals(Duration.ofSeconds(3), webhook.unauthorizedLife());
    }

    private String refusedModes(String... modes) {
        AuthorizationSettings settings = parse().authorization();
        return String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> AuthorizationModes.of(
                                List.of(modes),
                                settings,
                                new RbacAuthorizer(new RuleIndex()),
                                NODES,
                                AuthorizationConfiguration.Decided.BY_NOBODY,
                                WatchedFile.Reread.BY_NOBODY,
                                HttpClients.DIRECT,
                                InstantSource.system()))
                .getMessage());
    }

    @Test
    void modesThatThereAreNotAreNamed() throws IOException {
        assertEquals("at least one authorization-mode must be passed", refusedModes());
        assertEquals("authorization-mode \"Magic\" is not a valid mode", refusedModes("RBAC", "Magic"));
        assertEquals(
                "authorization-mode ABAC's authorization policy file not passed: --authorization-policy-file",
                refusedModes("RBAC", "ABAC"));
        AuthorizationSettings policies = parse("--authorization-policy-file=f").authorization();
        IllegalArgumentException without = assertThrows(
                IllegalArgumentException.class,
                () -> AuthorizationModes.of(
                        List.of("RBAC"),
                        policies,
                        new RbacAuthorizer(new RuleIndex()),
                        NODES,
                        AuthorizationConfiguration.Decided.BY_NOBODY,
                        WatchedFile.Reread.BY_NOBODY,
                        HttpClients.DIRECT,
                        InstantSource.system()));
        assertEquals("cannot specify --authorization-policy-file without mode ABAC", without.getMessage());
        assertEquals("authorization-mode [RBAC, RBAC] has mode specified more than once", refusedModes("RBAC", "RBAC"));
        assertTrue(refusedModes("Webhook").contains("--authorization-webhook-config-file"));
        Path hook = Files.writeString(folder.resolve("hook"), "clusters: [{name: c, cluster: {server: 'https://x'}}]");
        AuthorizationSettings settings =
                parse("--authorization-webhook-config-file=" + hook).authorization();
        assertThrows(
                IllegalArgumentException.class,
                () -> AuthorizationModes.of(
                        List.of("RBAC"),
                        settings,
                        new RbacAuthorizer(new RuleIndex()),
                        NODES,
                        AuthorizationConfiguration.Decided.BY_NOBODY,
                        WatchedFile.Reread.BY_NOBODY,
                        HttpClients.DIRECT,
                        InstantSource.system()));
    }

    @Test
    void whoDecidesIsToldOf() throws IOException {
        Metrics metrics = new Metrics();
        AccessMetrics access = new AccessMetrics(metrics);
        UserInfo jane = new UserInfo("jane", "", List.of(), Map.of());
        Attributes wish = Attributes.ofResource(jane, "get", new GroupResource("", "pods"), "a", "", "");
        try (ConfiguredAuthorizer authorizer = AuthorizationModes.of(
                List.of("RBAC", "AlwaysAllow"),
                parse().authorization(),
                new RbacAuthorizer(new RuleIndex()),
                NODES,
                access::decided,
                WatchedFile.Reread.BY_NOBODY,
                HttpClients.DIRECT,
                InstantSource.system())) {
            assertTrue(authorizer.authorize(wish).allowed());
        }
        String counted = "apiserver_authorization_decisions_total{decision=\"allowed\",name=\"alwaysallow\","
                + "type=\"AlwaysAllow\"} 1";
        List<String> lines = metrics.text()
                .lines()
                .filter(line -> line.startsWith("apiserver_authorization_decisions_total"))
                .toList();
        assertEquals(List.of(counted), lines, "who has no opinion has decided nothing");
    }

    @Test
    void defaultsOfTheAuditLogAreThoseOfTheOriginal() {
        AuditSettings settings = parse(
                        "--audit-policy-file=p", "--audit-log-path=/var/log/audit.log", "--audit-webhook-config-file=w")
                .audit();
        AuditSettings.Log log = settings.log();
        AuditSettings.Webhook webhook = settings.webhook();
        assertTrue(log != null && webhook != null);
        AuditSettings.Truncate truncate = new AuditSettings.Truncate(false, 10 << 20, 100 << 10);
        assertEquals(
                new AuditSettings.Log(
                        "/var/log/audit.log",
                        AuditSettings.Format.JSON,
                        366,
                        100,
                        100,
                        false,
                        new AuditSettings.Delivery(
                                AuditSettings.Mode.BLOCKING,
                                new AuditSettings.Batch(10_000, 1, Duration.ZERO, false, 0, 0),
                                truncate)),
                log);
        assertEquals(
                new AuditSettings.Webhook(
                        Path.of("w"),
                        Duration.ofSeconds(10),
                        new AuditSettings.Delivery(
                                AuditSettings.Mode.BATCH,
                                new AuditSettings.Batch(10_000, 400, Duration.ofSeconds(30), true, 10, 15),
                                truncate)),
                webhook);
    }

    @Test
    void flagsOfTheAuditLogThatCannotBeUsedAreNamed() {
        assertEquals(
                "invalid audit log mode now, allowed modes are \"batch,blocking,blocking-strict\"",
                refused("--audit-log-mode=now"));
        assertEquals(
                "invalid audit batch webhook buffer size 0, must be a positive number",
                refused("--audit-webhook-batch-buffer-size=0"));
        assertEquals(
                "invalid audit batch webhook throttle QPS 0, must be a positive number",
                refused("--audit-webhook-batch-throttle-qps=0"));
        assertEquals(
                "invalid audit truncate log max batch size 5, must be greater than max event size (102400)",
                refused("--audit-log-truncate-max-batch-size=5"));
        assertEquals(
                "invalid audit log format xml, allowed formats are \"legacy,json\"", refused("--audit-log-format=xml"));
        assertEquals(
                "--audit-log-maxage -1 can't be a negative number",
                refused("--audit-log-path=-", "--audit-log-maxage=-1"));
        assertTrue(refused("--audit-log-version=audit.k8s.io/v1beta1").contains("allowed versions are"));
        // Not used in this mode, and so not looked at.
        assertTrue(parse("--audit-webhook-mode=blocking", "--audit-webhook-batch-buffer-size=0")
                        .audit()
                != null);
    }
}
