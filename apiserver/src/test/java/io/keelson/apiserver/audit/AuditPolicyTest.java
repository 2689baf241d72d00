package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rule of a policy a request meets, and policies that make no sense. */
class AuditPolicyTest {
    private static final String HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    private static final UserInfo JANE = new UserInfo("jane", "", List.of("dev", "system:authenticated"), Map.of());

    private static AuditPolicy parse(String yaml) throws IOException {
        return AuditPolicy.parse(ConfigFile.parse((HEAD + yaml).getBytes(StandardCharsets.UTF_8)));
    }

    private static RequestInfo info(String method, String path) {
        return RequestInfoParser.parse(method, path, Query.NONE);
    }

    /** Whether a rule, written in YAML's short form, fits a request of Jane's. */
    private static boolean fits(String rule, String method, String path) throws IOException {
        return parse("rules: [{level: Metadata, " + rule + "}]")
                        .wanted(info(method, path), JANE)
                        .level()
                == Level.METADATA;
    }

    @Test
    void aRuleWithoutAnythingFitsEverything() throws IOException {
        AuditPolicy policy = parse("rules: [{level: Request}]");
        assertEquals(Level.REQUEST, policy.wanted(info("GET", "/healthz"), JANE).level());
        assertEquals(
                Level.REQUEST, policy.wanted(info("GET", "/api/v1/pods"), null).level());
    }

    @Test
    void rulesAboutWhoAsks() throws IOException {
        assertTrue(fits("users: [joe, jane]", "GET", "/api/v1/pods"));
        assertTrue(!fits("users: [joe]", "GET", "/api/v1/pods"));
        assertTrue(fits("userGroups: [dev]", "GET", "/healthz"));
        assertTrue(!fits("userGroups: [ops]", "GET", "/healthz"));
        assertTrue(!fits("users: [jane], userGroups: [ops]", "GET", "/healthz"));
        assertEquals(
                Level.NONE,
                parse("rules: [{level: Metadata, users: ['']}]")
                        .wanted(info("GET", "/healthz"), null)
                        .level(),
                "who is not known has no name, not even an empty one");
    }

    @Test
    void rulesAboutWhatIsAskedFor() throws IOException {
        String pod = "/api/v1/namespaces/a/pods/web";
        assertTrue(fits("verbs: [get]", "GET", pod));
        assertTrue(!fits("verbs: [list]", "GET", pod));
        assertTrue(fits("resources: [{group: '', resources: [pods]}]", "GET", pod));
        assertTrue(!fits("resources: [{group: '', resources: [pods]}]", "GET", pod + "/log"));
        assertTrue(fits("resources: [{resources: [pods/log]}]", "GET", pod + "/log"));
        assertTrue(fits("resources: [{resources: ['pods/*']}]", "GET", pod + "/log"));
        assertTrue(fits("resources: [{resources: ['pods/*']}]", "GET", pod), "a resource is the first of its parts");
        assertTrue(fits("resources: [{resources: ['*/log']}]", "GET", pod + "/log"));
        assertTrue(!fits("resources: [{resources: ['*/log']}]", "GET", pod));
        assertTrue(fits("resources: [{resources: ['*']}]", "GET", pod + "/log"));
        assertTrue(fits("resources: [{group: ''}]", "GET", pod + "/log"));
        assertTrue(!fits("resources: [{group: apps}]", "GET", pod));
        assertTrue(fits("resources: [{resources: [pods], resourceNames: [web]}]", "GET", pod));
        assertTrue(!fits("resources: [{resources: [pods], resourceNames: [db]}]", "GET", pod));
        assertTrue(fits("namespaces: [a]", "GET", pod));
        assertTrue(!fits("namespaces: [b]", "GET", pod));
        assertTrue(fits("namespaces: ['']", "GET", "/api/v1/nodes/n"));
        assertTrue(!fits("namespaces: ['']", "GET", "/healthz"), "a path is no resource");
    }

    @Test
    void rulesAboutPaths() throws IOException {
        assertTrue(fits("nonResourceURLs: ['/healthz*']", "GET", "/healthz/etcd"));
        assertTrue(fits("nonResourceURLs: ['*']", "GET", "/version"));
        assertTrue(fits("nonResourceURLs: [/version]", "GET", "/version"));
        assertTrue(!fits("nonResourceURLs: [/version]", "GET", "/versions"));
        assertTrue(!fits("nonResourceURLs: ['*']", "GET", "/api/v1/pods"));
    }

    @Test
    void theFirstRuleThatFitsCounts() throws IOException {
        AuditPolicy policy = parse("""
                omitStages: [RequestReceived]
                omitManagedFields: true
                rules:
                - {level: None, users: [kubelet]}
                - {level: Request, verbs: [create], omitStages: [Panic], omitManagedFields: false}
                - {level: RequestResponse, resources: [{group: apps}]}
                """);
        assertEquals(Level.NONE, policy.wanted(info("GET", "/version"), JANE).level());
        AuditPolicy.Wanted create = policy.wanted(info("POST", "/apis/apps/v1/namespaces/a/deployments"), JANE);
        assertEquals(new AuditPolicy.Wanted(Level.REQUEST, Set.of(Stage.REQUEST_RECEIVED, Stage.PANIC), false), create);
        AuditPolicy.Wanted list = policy.wanted(info("GET", "/apis/apps/v1/deployments"), JANE);
        assertEquals(new AuditPolicy.Wanted(Level.REQUEST_RESPONSE, Set.of(Stage.REQUEST_RECEIVED), true), list);
    }

    private static String refused(String yaml) {
        return String.valueOf(
                assertThrows(IOException.class, () -> parse(yaml), yaml).getMessage());
    }

    @Test
    void policiesThatMakeNoSenseSayWhere() throws Exception {
        assertEquals("loaded illegal policy with 0 rules", refused(""));
        assertEquals(
                "strict decoding error: unknown field \"rules[0].verb\", rules[1].users: expected a list, got string",
                refused("rules: [{level: None, verb: [get]}, {level: None, users: jane}]"));
        assertEquals("rules[0].level: Required value", refused("rules: [{}]"));
        assertEquals(
                "rules[0].level: Unsupported value: \"All\": supported values: \"None\", \"Metadata\", \"Request\","
                        + " \"RequestResponse\"",
                refused("rules: [{level: All}]"));
        assertEquals(
                "omitStages[0]: Invalid value: \"Never\": allowed stages are"
                        + " RequestReceived,ResponseStarted,ResponseComplete,Panic",
                refused("omitStages: [Never]\nrules: [{level: None}]"));
        assertTrue(refused("rules: [{level: None, nonResourceURLs: [version]}]")
                .contains("non-resource URL rules must begin with a '/' character"));
        assertTrue(refused("rules: [{level: None, nonResourceURLs: ['/a*b']}]")
                .contains("non-resource URL wildcards '*' must be the final character of the rule"));
        assertTrue(refused("rules: [{level: None, nonResourceURLs: [/a], namespaces: [b]}]")
                .contains("rules cannot apply to both regular resources and non-resource URLs"));
        assertTrue(
                refused("rules: [{level: None, resources: [{group: apps/v1}]}]").contains("rules[0].resources.group"));
        assertTrue(refused("rules: [{level: None, resources: [{resourceNames: [x]}]}]")
                .contains("using resourceNames requires at least one resource"));
        assertThrows(
                IOException.class,
                () -> AuditPolicy.parse(
                        ConfigFile.parse("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]"
                                .getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void hostileFilesAreRefusedInShort(@TempDir Path folder) throws Exception {
        String bomb = HEAD + "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nrules: ["
                + "*b,".repeat(300) + "]\n";
        Path file = Files.writeString(folder.resolve("policy"), bomb);
        String why = String.valueOf(
                assertThrows(IOException.class, () -> AuditPolicy.read(file)).getMessage());
        assertTrue(why.contains(file.toString()), why);
        Files.writeString(file, HEAD + "rules: " + "[".repeat(100_000));
        assertThrows(IOException.class, () -> AuditPolicy.read(file));
        Files.writeString(file, HEAD + "rules: [{level: None, users: [a], users: [b]}]");
        assertThrows(IOException.class, () -> AuditPolicy.read(file), "the same field twice");
    }
}
