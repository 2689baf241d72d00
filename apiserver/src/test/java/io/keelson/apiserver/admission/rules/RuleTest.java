package io.keelson.apiserver.admission.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests rules fit. */
final class RuleTest {
    private static AdmissionRequest request(Operation operation, String name, String subresource, String namespace) {
        Resource resource = BuiltInKinds.resources().stream()
                .filter(one -> one.name().toString().equals(name))
                .findFirst()
                .orElseThrow();
        return new AdmissionRequest(
                operation,
                resource,
                subresource,
                new GroupVersionKind(
                        resource.name().group(),
                        resource.versions().getFirst().version(),
                        resource.kind().kind()),
                namespace,
                "x",
                Json.object(),
                null,
                Json.object(),
                UserInfo.ANONYMOUS,
                false,
                new ArrayList<>());
    }

    private static boolean fits(String rule, AdmissionRequest request) {
        List<Rule> rules = Rule.all(Json.parse("[" + rule.replace('\'', '"') + "]"));
        return rules.getFirst().matches(request, Target.asSent(request));
    }

    private static String rule(String resource, String scope) {
        return "{'operations': ['CREATE', 'UPDATE'], 'apiGroups': ['', 'apps'], 'apiVersions': ['v1'], 'resources': ['"
                + resource + "'], 'scope': '" + scope + "'}";
    }

    @ParameterizedTest
    @CsvSource({
        "pods, pods, '', true",
        "pods, pods, status, false",
        "pods/status, pods, status, true",
        "pods/status, pods, '', false",
        "pods/*, pods, '', true",
        "pods/*, pods, status, true",
        "pods/*, services, '', false",
        "*, services, '', true",
        "*, services, status, false",
        "*/*, services, '', true",
        "*/*, services, status, true",
        "*/status, services, status, true",
        "*/status, services, '', false",
    })
    void resourcesAndTheirParts(String wanted, String resource, String subresource, boolean fits) {
        assertEquals(fits, fits(rule(wanted, "*"), request(Operation.CREATE, resource, subresource, "ns")));
    }

    @Test
    void scopesTellNamespacedObjectsFromTheRestAndNamespacesAreOfTheRest() {
        AdmissionRequest pod = request(Operation.CREATE, "pods", "", "ns");
        AdmissionRequest node = request(Operation.CREATE, "nodes", "", "");
        AdmissionRequest namespace = request(Operation.UPDATE, "namespaces", "", "x");
        assertTrue(fits(rule("*", "Namespaced"), pod));
        assertFalse(fits(rule("*", "Cluster"), pod));
        assertTrue(fits(rule("*", "Cluster"), node));
        assertFalse(fits(rule("*", "Namespaced"), node));
        assertTrue(fits(rule("*", "Cluster"), namespace));
        assertFalse(fits(rule("*", "Namespaced"), namespace));
        assertEquals("x", RequestMatcher.namespace(namespace));
    }

    @Test
    void operationsGroupsAndNames() {
        assertFalse(fits(rule("pods", "*"), request(Operation.DELETE, "pods", "", "ns")));
        assertFalse(fits(rule("*", "*"), request(Operation.CREATE, "jobs.batch", "", "ns")));
        assertTrue(fits(rule("*", "*"), request(Operation.CREATE, "deployments.apps", "", "ns")));
        String named = "{'operations': ['*'], 'apiGroups': ['*'], 'apiVersions': ['*'], 'resources': ['*'],"
                + " 'resourceNames': ['y']}";
        assertFalse(fits(named, request(Operation.CREATE, "pods", "", "ns")));
        assertTrue(fits(named.replace("'y'", "'x'"), request(Operation.CREATE, "pods", "", "ns")));
    }

    @Test
    void aRuleThatSaysNothingFitsNothing() {
        assertFalse(fits("{}", request(Operation.CREATE, "pods", "", "ns")));
        assertEquals(List.of(), Rule.all(Json.parse("\"x\"")));
    }

    @Test
    void otherVersionsOfTheSame() {
        AdmissionRequest request = request(Operation.CREATE, "horizontalpodautoscalers.autoscaling", "", "ns");
        assertEquals("v2", Target.asSent(request).version());
        assertEquals(
                List.of("v1"),
                Target.equivalents(request).stream().map(Target::version).toList());
    }
}
