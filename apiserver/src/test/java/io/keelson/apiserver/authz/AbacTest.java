package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What policies allow, and what is wrong with files of them. */
final class AbacTest {
    private static final UserInfo JANE = new UserInfo("jane", "", List.of("dev", UserInfo.AUTHENTICATED), Map.of());

    @TempDir
    private Path folder;

    private AbacAuthorizer file(String content) throws IOException {
        return AbacAuthorizer.open(Files.writeString(folder.resolve("policies"), content));
    }

    private static String policy(String spec) {
        return "{\"apiVersion\": \"abac.authorization.kubernetes.io/v1beta1\", \"kind\": \"Policy\", \"spec\": "
                + quoted(spec) + "}\n";
    }

    /** Tables are easier to read without quotes: {@code {user: jane, readonly: true}}. */
    private static String quoted(String spec) {
        return spec.replaceAll("(\\w+): ([^,}]+)", "\"$1\": \"$2\"").replace("\"true\"", "true");
    }

    /** @param what a path, or {@code group.resource.subresource} */
    private static Attributes asks(UserInfo user, String verb, String namespace, String what) {
        if (what.startsWith("/")) {
            return Attributes.ofPath(user, verb, what);
        }
        String[] parts = what.split("\\.", -1);
        return Attributes.ofResource(user, verb, new GroupResource(parts[0], parts[1]), parts[2], namespace, "one");
    }

    /** Resources are written {@code group.resource.subresource}, paths with a slash before them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{user: jane, namespace: *, resource: *, apiGroup: *} | create | default | apps.deployments. | true",
                "{user: jane, namespace: *, resource: *, apiGroup: *} | create | '' | .nodes. | true",
                "{user: jane, namespace: *, resource: *, apiGroup: *} | get | '' | /healthz | false",
                "{user: joe, namespace: *, resource: *, apiGroup: *} | create | default | apps.deployments. | false",
                "{group: dev, namespace: *, resource: *, apiGroup: *} | create | default | apps.deployments. | true",
                "{group: ops, namespace: *, resource: *, apiGroup: *} | create | default | apps.deployments. | false",
                "{user: jane, group: dev, namespace: *, resource: *} | create | default | .pods. | true",
                "{user: jane, group: ops, namespace: *, resource: *} | create | default | .pods. | false",
                "{user: joe, group: dev, namespace: *, resource: *} | create | default | .pods. | false",
                "{namespace: *, resource: *, apiGroup: *} | get | default | .pods. | false",
                "{user: *, namespace: *, resource: *} | get | default | .pods. | true",
                "{group: *, namespace: *, resource: *} | get | default | .pods. | true",
                "{group: system:authenticated, namespace: *, resource: *} | get | default | .pods. | true",
                "{user: jane, namespace: *, resource: pods} | update | default | .pods. | true",
                "{user: jane, namespace: *, resource: pods} | update | default | .pods.status | true",
                "{user: jane, namespace: *, resource: pods} | update | default | metrics.pods. | false",
                "{user: jane, namespace: *, resource: pods} | update | default | .secrets. | false",
                "{user: jane, namespace: dev, resource: pods} | update | dev | .pods. | true",
                "{user: jane, namespace: dev, resource: pods} | update | default | .pods. | false",
                "{user: jane, namespace: dev, resource: pods} | list | '' | .pods. | false",
                "{user: jane, resource: nodes} | get | '' | .nodes. | true",
                "{user: jane, namespace: *, resource: pods, readonly: true} | get | default | .pods. | true",
                "{user: jane, namespace: *, resource: pods, readonly: true} | list | default | .pods. | true",
                "{user: jane, namespace: *, resource: pods, readonly: true} | watch | default | .pods. | true",
                "{user: jane, namespace: *, resource: pods, readonly: true} | patch | default | .pods. | false",
                "{user: jane, nonResourcePath: *} | post | '' | /foo/bar | true",
                "{user: jane, nonResourcePath: /foo/*} | post | '' | /foo/bar | true",
                "{user: jane, nonResourcePath: /foo/*} | post | '' | /foo/ | true",
                "{user: jane, nonResourcePath: /foo/*} | post | '' | /foo | false",
                "{user: jane, nonResourcePath: /foo} | post | '' | /foo | true",
                "{user: jane, nonResourcePath: /foo} | post | '' | /foo/bar | false",
                "{user: jane, nonResourcePath: /foo, readonly: true} | get | '' | /foo | true",
                "{user: jane, nonResourcePath: /foo, readonly: true} | post | '' | /foo | false",
                "{user: jane, nonResourcePath: *} | get | default | .pods. | false",
            })
    void aPolicyAllows(String spec, String verb, String namespace, String what, boolean allowed) throws IOException {
        Decision decision = file(policy(spec)).authorize(asks(JANE, verb, namespace, what));
        assertEquals(allowed ? Decision.ALLOW : Decision.noOpinion("No policy matched."), decision);
    }

    /** What is left out there stands for everything. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | create | default | apps.deployments. | true",
                "{} | post | '' | /foo | true",
                "{user: jane} | create | default | apps.deployments. | true",
                "{user: joe} | create | default | apps.deployments. | false",
                "{user: *, resource: pods} | create | default | .pods. | true",
                "{group: dev, resource: pods} | create | default | metrics.pods. | true",
                "{group: dev, resource: pods} | get | '' | /foo | false",
                "{group: dev, namespace: a} | get | '' | /foo | false",
                "{group: dev, namespace: a} | get | a | .pods. | true",
                "{group: dev, namespace: a} | get | b | .pods. | false",
                "{group: dev, readonly: true} | delete | b | .pods. | false",
            })
    void aPolicyOfTheFirstVersionAllows(String policy, String verb, String namespace, String what, boolean allowed)
            throws IOException {
        assertEquals(
                allowed,
                file(quoted(policy))
                        .authorize(asks(JANE, verb, namespace, what))
                        .allowed());
        String named = policy.equals("{}") ? "{" : policy.replace("}", ", ");
        String said = quoted(named.equals("{") ? "{kind: Policy}" : named + "kind: Policy}")
                .replace("{", "{\"apiVersion\": \"abac.authorization.kubernetes.io/v0\", ");
        assertEquals(
                allowed, file(said).authorize(asks(JANE, verb, namespace, what)).allowed());
    }

    @Test
    void everybodyIsWhoeverIsAuthenticated() throws IOException {
        Attributes pods = asks(UserInfo.ANONYMOUS, "get", "default", ".pods.");
        List<String> everybody = List.of(
                policy("{user: *, namespace: *, resource: *}"), policy("{group: *, namespace: *, resource: *}"), "{}");
        for (String policy : everybody) {
            assertEquals(Decision.noOpinion("No policy matched."), file(policy).authorize(pods));
        }
        AbacAuthorizer nobody = file(policy("{group: system:unauthenticated, namespace: *, resource: *}"));
        assertEquals(Decision.ALLOW, nobody.authorize(pods));
    }

    @Test
    void anyOfSeveralPoliciesAllows() throws IOException {
        AbacAuthorizer both = file("# who reads\n\n  \t\n"
                + policy("{user: joe, namespace: *, resource: pods}").strip() + "\r\n   # and who writes\n"
                + policy("{user: jane, namespace: *, resource: secrets}").strip());
        assertEquals(Decision.ALLOW, both.authorize(asks(JANE, "get", "default", ".secrets.")));
        assertEquals(Decision.noOpinion("No policy matched."), both.authorize(asks(JANE, "get", "default", ".pods.")));
        assertEquals(
                Decision.noOpinion("No policy matched."), file("").authorize(asks(JANE, "get", "default", ".pods.")));
    }

    @Test
    void whatSomebodyMayDoIsTold() throws IOException {
        AbacAuthorizer several = file(policy("{user: jane, namespace: dev, resource: pods, readonly: true}")
                + policy("{group: dev, namespace: *, resource: *, apiGroup: apps}")
                + policy("{user: jane, namespace: *, nonResourcePath: /foo/*}")
                + policy("{user: joe, namespace: *, resource: secrets}"));
        PolicyRule pods = PolicyRule.on(List.of("get", "list", "watch"), List.of(""), List.of("pods"));
        PolicyRule apps = PolicyRule.on(List.of("*"), List.of("apps"), List.of("*"));
        PolicyRule foo = new PolicyRule(List.of("*"), List.of(), List.of(), List.of(), List.of("/foo/*"));
        assertEquals(new RuleList(List.of(pods, apps, foo), false, ""), several.rulesFor(JANE, "dev"));
        assertEquals(new RuleList(List.of(apps, foo), false, ""), several.rulesFor(JANE, "other"));
    }

    private String refused(String content) {
        return String.valueOf(
                assertThrows(IOException.class, () -> file(content)).getMessage());
    }

    @Test
    void whatIsWrongWithAFileIsToldWithItsLine() {
        String begin = "error reading policy file " + folder.resolve("policies") + ", line 3: ";
        String other = "{\"apiVersion\": \"abac.authorization.kubernetes.io/v2\", \"kind\": \"Policy\"}";
        assertEquals(
                begin + other
                        + ": no kind \"Policy\" is registered for version \"abac.authorization.kubernetes.io/v2\"",
                refused("# one\n\n" + other));
        assertEquals(
                begin + "{\"readonly\": \"true\"}: json: cannot unmarshal string into field readonly",
                refused("{}\n{}\n{\"readonly\": \"true\"}\n{}"));
        assertEquals(
                begin + "{\"user\": 1}: json: cannot unmarshal number into field user",
                refused("{}\n{}\n{\"user\": 1}\n"));
        String noObject = refused("{}\n{}\n[]\n");
        assertEquals(begin + "[]: ", noObject.substring(0, begin.length() + 4));
        String noJson = refused("{}\n{}\n{\"user\"\n");
        assertEquals(begin + "{\"user\": ", noJson.substring(0, begin.length() + 9));
    }

    @Test
    void aLineIsNoLongerThanThatOfTheOriginal() throws IOException {
        String comment = "#".repeat(AbacAuthorizer.LINE_BYTES_MAX - 1);
        assertEquals(Decision.ALLOW, file(comment + "\n{}").authorize(asks(JANE, "get", "default", ".pods.")));
        assertEquals(
                "error reading policy file " + folder.resolve("policies") + ", line 2: line too long",
                refused("{}\n" + comment + "#\n"));
    }

    @Test
    void aFileHasToBeThere() {
        Path nowhere = folder.resolve("nowhere");
        assertEquals(
                "open " + nowhere + ": no such file or directory",
                assertThrows(IOException.class, () -> AbacAuthorizer.open(nowhere))
                        .getMessage());
    }
}
