package io.keelson.apiserver.admission.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Decision;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimStatusPermissionsTest {
    private static final GroupResource CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");
    private static final UserInfo JANE = new UserInfo("jane", "", List.of(), Map.of());
    private static final String ACCOUNT = "system:serviceaccount:drivers:gpu";

    private static final String BINDING = "update resourceclaims/binding in '' ''";
    private static final String NO_BINDING =
            "status: Forbidden: changing status.allocation or status.reservedFor requires"
                    + " resource=\"resourceclaims/binding\", verb=\"update\" permission: resourceclaims.resource.k8s.io is forbidden:"
                    + " User \"jane\" cannot update resource \"resourceclaims/binding\" in API group \"resource.k8s.io\" at the"
                    + " cluster scope";

    private static final String ALLOCATION =
            "allocation: {devices: {results: [{request: r, driver: a.example.com, pool: p, device: d}]},"
                    + " nodeSelector: {nodeSelectorTerms: [%s]}}";
    private static final String ON_ONE =
            ALLOCATION.formatted("{matchFields: [{key: metadata.name, operator: In, values: [one]}]}");
    private static final String POD = "{resource: pods, name: web, uid: u}";

    private final List<String> asked = new ArrayList<>();

    private static String driver(String node, String name) {
        return node + "-node:update resourceclaims/driver in 'default' '" + name + "'";
    }

    private static String says(String driver, String more) {
        return "{driver: " + driver + ".example.com, pool: p, device: d" + more + "}";
    }

    private static UserInfo account(String name, List<String> nodes) {
        return new UserInfo(name, "", List.of(), Map.of("authentication.kubernetes.io/node-name", nodes));
    }

    private static ObjectNode claim(String status) {
        String yaml = "{metadata: {name: mine, namespace: default}, status: {" + status + "}}";
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static List<String> errors(Authorizer authorizer, Attributes request, String before, String after) {
        FieldErrors errors = new FieldErrors();
        new ClaimStatusPermissions(authorizer).check(request, claim(after), claim(before), errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    private static Attributes update(UserInfo user) {
        return Attributes.ofResource(user, "update", CLAIMS, "status", "default", "mine");
    }

    private Decision allowed(Set<String> permissions, Attributes attributes) {
        String what = attributes.verb() + " " + attributes.combinedResource() + " in '" + attributes.namespace() + "' '"
                + attributes.name() + "'";
        asked.add(what);
        return permissions.contains(what) ? Decision.allow("") : Decision.NO_OPINION;
    }

    private List<String> errors(UserInfo user, Set<String> permissions, String before, String after) {
        return errors(attributes -> allowed(permissions, attributes), update(user), before, after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|allocation: {devices: {}}",
                "``|allocation: {}",
                "allocation: {devices: {}}|``",
                "allocation: {devices: {}}|allocation: {devices: {}}, reservedFor: [" + POD + "]",
                "reservedFor: [" + POD + "]|reservedFor: []",
                "reservedFor: [" + POD + "]|reservedFor: [{resource: pods, name: web, uid: v}]",
                "allocation: {devices: {config: [{opaque: {driver: a, parameters: {a: ''}}}]}}|allocation: {devices: {config: [{opaque: {driver: a, parameters: {}}}]}}",
            })
    void toGiveAndReserveNeedsThePermissionToBind(String before, String after) {
        assertEquals(List.of(NO_BINDING), errors(JANE, Set.of(), before, after));
        assertEquals(List.of(), errors(JANE, Set.of(BINDING), before, after));
        assertEquals(List.of(BINDING, BINDING), asked);
    }

    @Test
    void whatMeansTheSameNeedsNothing() {
        String one = says("a", ", data: {a: 1, b: 2.5}");
        String devices = "devices: [" + one + ", " + says("b", "") + "]";
        assertEquals(List.of(), errors(JANE, Set.of(), ON_ONE + ", " + devices, ON_ONE + ", " + devices));
        assertEquals(
                List.of(),
                errors(JANE, Set.of(), devices, "devices: [" + says("b", "") + ", " + one + "]"),
                "devices are found by what they are, not by where they stand");
        ObjectNode longer = claim(devices);
        ((ObjectNode) longer.at("/status/devices/0/data")).put("a", 1L);
        FieldErrors errors = new FieldErrors();
        new ClaimStatusPermissions(Authorizer.ALWAYS_DENY).check(update(JANE), longer, claim(devices), errors);
        assertEquals(List.of(), errors.list(), "a number may be held in several types");
        assertEquals(List.of(), asked);
    }

    @Test
    void whatIsSaidOfDevicesGoesWithThem() {
        String said = ON_ONE + ", devices: [" + says("a", "") + "]";
        assertEquals(List.of(), errors(JANE, Set.of(BINDING), said, ""));
        assertEquals(List.of(), errors(JANE, Set.of(BINDING), said, "allocation: {devices: {}}"));
        assertEquals(List.of(BINDING, BINDING), asked);
        asked.clear();
        assertEquals(1, errors(JANE, Set.of(BINDING), said, ON_ONE).size(), "it does not go from those that stay");
        assertEquals(
                1,
                errors(JANE, Set.of(BINDING), ON_ONE + ", devices: [" + says("b", "") + "]", "")
                        .size(),
                "nor if it was said of others");
        assertEquals(
                List.of(driver("arbitrary", "a.example.com"), BINDING, driver("arbitrary", "b.example.com")), asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{driver: a.example.com, pool: p, device: d, data: {k: ''}, networkData: {}}",
                "{driver: a.example.com, pool: p, device: d, data: {}}",
                "{driver: a.example.com, pool: p, device: other, data: {k: ''}}",
                "{driver: a.example.com, pool: other, device: d, data: {k: ''}}",
                "{driver: a.example.com, pool: p, device: d, shareID: s, data: {k: ''}}",
                "{driver: a.example.com, pool: p, device: d, data: {k: ''}, conditions: [{type: Ready, status: 'True'}]}",
                "{driver: a.example.com, pool: p, device: d, data: {k: 0}}",
            })
    void whatADriverSaysNeedsThePermissionForIt(String after) {
        String before = "devices: [" + says("a", ", data: {k: ''}") + ", " + says("b", "") + "]";
        String changed = "devices: [" + says("b", "") + (after.isEmpty() ? "" : ", " + after) + "]";
        String refused =
                "status.devices: Forbidden: changing status.devices requires resource=\"resourceclaims/driver\","
                        + " verb=\"[arbitrary-node:update]\" permission: resourceclaims.resource.k8s.io \"a.example.com\" is"
                        + " forbidden: User \"jane\" cannot arbitrary-node:update resource \"resourceclaims/driver\" in API group"
                        + " \"resource.k8s.io\" in the namespace \"default\"";
        assertEquals(
                List.of(refused),
                errors(JANE, Set.of(BINDING, driver("associated", "a.example.com")), before, changed));
        assertEquals(List.of(), errors(JANE, Set.of(driver("arbitrary", "a.example.com")), before, changed));
        assertEquals(
                List.of(driver("arbitrary", "a.example.com"), driver("arbitrary", "a.example.com")),
                asked,
                "nobody is asked about a driver whose devices are as they were");
    }

    @Test
    void everyDriverIsAskedAbout() {
        String after = "devices: [" + says("c", "") + ", " + says("b", "") + "]";
        List<String> errors =
                errors(JANE, Set.of(driver("arbitrary", "b.example.com")), "devices: [" + says("a", "") + "]", after);
        assertEquals(
                List.of(
                        driver("arbitrary", "a.example.com"),
                        driver("arbitrary", "b.example.com"),
                        driver("arbitrary", "c.example.com")),
                asked);
        assertEquals(2, errors.size(), errors::toString);
        assertEquals(
                4,
                errors(JANE, Set.of(), "devices: [" + says("a", "") + "]", after + ", allocation: {}")
                        .size(),
                "and about everything else");
    }

    @Test
    void anAccountOnTheNodeOfTheClaimNeedsLess() {
        UserInfo there = account(ACCOUNT, List.of("one"));
        String after = ON_ONE + ", devices: [" + says("a", "") + "]";
        assertEquals(List.of(), errors(there, Set.of(driver("associated", "a.example.com")), ON_ONE, after));
        assertEquals(List.of(driver("associated", "a.example.com")), asked);
        assertEquals(List.of(), errors(there, Set.of(driver("arbitrary", "a.example.com")), ON_ONE, after));
        asked.clear();
        assertEquals(
                List.of(
                        "status.devices: Forbidden: changing status.devices requires resource=\"resourceclaims/driver\","
                                + " verb=\"[associated-node:update arbitrary-node:update]\" permission:"
                                + " resourceclaims.resource.k8s.io \"a.example.com\" is forbidden: User \"" + ACCOUNT
                                + "\" cannot associated-node:update resource \"resourceclaims/driver\" in API group"
                                + " \"resource.k8s.io\" in the namespace \"default\""),
                errors(there, Set.of(), ON_ONE, after));
        assertEquals(List.of(driver("associated", "a.example.com"), driver("arbitrary", "a.example.com")), asked);
    }

    private void isNotOnTheNode(UserInfo user, String allocation) {
        asked.clear();
        List<String> errors = errors(
                user,
                Set.of(driver("associated", "a.example.com")),
                allocation,
                allocation + ", devices: [" + says("a", "") + "]");
        assertEquals(1, errors.size(), errors::toString);
        assertEquals(List.of(driver("arbitrary", "a.example.com")), asked);
    }

    @Test
    void whoIsNotKnownToRunOnTheNodeNeedsMore() {
        isNotOnTheNode(account(ACCOUNT, List.of("two")), ON_ONE);
        isNotOnTheNode(account(ACCOUNT, List.of("one", "two")), ON_ONE);
        isNotOnTheNode(account(ACCOUNT, List.of("one", "one")), ON_ONE);
        isNotOnTheNode(new UserInfo(ACCOUNT, "", List.of(), Map.of()), ON_ONE);
        isNotOnTheNode(account("jane", List.of("one")), ON_ONE);
        isNotOnTheNode(account("system:node:one", List.of("one")), ON_ONE);
        isNotOnTheNode(account(ACCOUNT, List.of("One")), ON_ONE.replace("[one]", "[One]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{matchFields: [{key: metadata.name, operator: In, values: [one, two]}]}",
                "{matchFields: [{key: metadata.name, operator: NotIn, values: [one]}]}",
                "{matchFields: [{key: metadata.uid, operator: In, values: [one]}]}",
                "{matchExpressions: [{key: metadata.name, operator: In, values: [one]}]}",
                "{matchFields: [{key: metadata.name, operator: In, values: [one]}], matchExpressions: [{key: a, operator: Exists}]}",
                "{matchFields: [{key: metadata.name, operator: In, values: [one]}, {key: metadata.name, operator: In, values: [one]}]}",
                "{matchFields: [{key: metadata.name, operator: In, values: [one]}]}, {matchFields: [{key: metadata.name, operator: In, values: [two]}]}",
            })
    void aClaimThatIsNotOfOneNodeByNameIsOfNone(String terms) {
        isNotOnTheNode(account(ACCOUNT, List.of("one")), ALLOCATION.formatted(terms));
    }

    @Test
    void theVerbOfTheRequestIsAskedFor() {
        Attributes patch = update(account(ACCOUNT, List.of("one"))).withVerb("patch");
        Set<String> permissions = Set.of(
                "patch resourceclaims/binding in '' ''",
                "associated-node:patch resourceclaims/driver in 'default' 'a.example.com'");
        assertEquals(
                List.of(),
                errors(
                        attributes -> allowed(permissions, attributes),
                        patch,
                        "",
                        ON_ONE + ", devices: [" + says("a", "") + "]"));
        assertEquals(2, asked.size());
    }

    @Test
    void whatAuthorizersSayIsPassedOn() {
        Authorizer broken = _ -> new Decision(Decision.Verdict.NO_OPINION, "no rule", "no answer");
        assertEquals(List.of(NO_BINDING + ": no answer: no rule"), errors(broken, update(JANE), "", "allocation: {}"));
        Authorizer allows = _ -> new Decision(Decision.Verdict.ALLOW, "", "no answer");
        assertEquals(List.of(), errors(allows, update(JANE), "", "allocation: {}"));
    }

    @Test
    void onlyTheStatusOfClaimsIsConcerned() {
        for (Attributes other : List.of(
                Attributes.ofResource(JANE, "update", CLAIMS, "", "default", "mine"),
                Attributes.ofResource(
                        JANE,
                        "update",
                        new GroupResource("example.com", "resourceclaims"),
                        "status",
                        "default",
                        "mine"),
                Attributes.ofResource(
                        JANE, "update", new GroupResource("resource.k8s.io", "pools"), "status", "default", "mine"))) {
            assertEquals(List.of(), errors(Authorizer.ALWAYS_DENY, other, "", ON_ONE));
        }
    }
}
