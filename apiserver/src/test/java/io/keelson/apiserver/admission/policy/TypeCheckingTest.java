package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypeCheckingTest {
    private static final List<Resource> KINDS = BuiltInKinds.resources();

    private static final String DEPLOYMENTS = rule("apps", "v1", "deployments");

    private static String rule(String group, String version, String resource) {
        return "{'apiGroups':['%s'],'apiVersions':['%s'],'resources':['%s'],'operations':['*']}"
                .formatted(group, version, resource);
    }

    /** Field and warning in turn. */
    private static List<String> warnings(String rules, String rest) {
        String policy = ("{'metadata':{'name':'p'},'spec':{'matchConstraints':{'resourceRules':[" + rules + "]}," + rest
                        + "}}")
                .replace('\'', '"');
        ObjectNode parsed = Json.parseObject(policy.getBytes(StandardCharsets.UTF_8));
        List<String> all = new ArrayList<>();
        new TypeChecking(KINDS)
                .warnings(parsed)
                .forEach(one -> all.addAll(List.of(
                        one.path("fieldRef").asText(), one.path("warning").asText())));
        return all;
    }

    private static List<String> validation(String rules, String expression) {
        return warnings(rules, "'validations':[{'expression':'" + expression + "'}]");
    }

    @Test
    void aFieldThatIsNotThereIsNamedWithItsPlace() {
        assertEquals(List.of("spec.validations[0].expression", """
                        apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'
                         | object.replicas > 1
                         | ......^
                        """), validation(DEPLOYMENTS, "object.replicas > 1"));
    }

    @Test
    void whatFitsGivesNoWarning() {
        assertEquals(List.of(), validation(DEPLOYMENTS, "object.spec.replicas > 1 || oldObject == null"));
        assertEquals(
                List.of(),
                validation(
                        rule("", "v1", "pods"),
                        "object.metadata.labels.size() > 0 && object.spec.containers.all(c, c.image.size() > 1 &&"
                                + " c.ports.all(p, p.containerPort > 1)) && has(object.metadata.creationTimestamp) &&"
                                + " quantity(object.spec.containers[0].resources.limits.cpu).isInteger()"));
        assertEquals(
                List.of(),
                validation(
                        DEPLOYMENTS,
                        "request.namespace == namespaceObject.metadata.name && authorizer.requestResource.check(\\\"x\\\")"
                                + ".allowed()"));
        assertEquals(List.of(), validation(rule("", "v1", "services"), "object.spec.ports[0].targetPort == 1"));
    }

    @Test
    void everyKindIsLookedAtInOrderOfItsGroup() {
        List<String> found = validation(DEPLOYMENTS + "," + rule("batch", "v1", "jobs"), "object.spec.nope == 1");
        assertEquals(2, found.size());
        int first = found.get(1).indexOf("apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'nope'");
        int second = found.get(1).indexOf("\n\nbatch/v1, Kind=Job: ERROR: <input>:1:12: undefined field 'nope'");
        assertTrue(first == 0 && second > 0, found.get(1));
    }

    @Test
    void theCoreGroupFindsResourcesOfThatNameInOthers() {
        String found = validation(rule("", "v1", "events"), "object.nope == 1").get(1);
        assertTrue(found.contains("/v1, Kind=Event: ERROR"), found);
        assertTrue(found.contains("events.k8s.io/v1, Kind=Event: ERROR"), found);
    }

    @Test
    void rulesForEverythingSayNothing() {
        assertEquals(List.of(), validation(rule("*", "v1", "deployments"), "object.nope == 1"));
        assertEquals(List.of(), validation(rule("apps", "*", "deployments"), "object.nope == 1"));
        assertEquals(List.of(), validation(rule("apps", "v1", "*"), "object.nope == 1"));
        assertEquals(List.of(), validation(rule("apps", "v1", "deployments/scale"), "object.nope == 1"));
        assertEquals(List.of(), validation(rule("apps", "v9", "deployments"), "object.nope == 1"));
    }

    @Test
    void messagesAndVariablesAndParametersHaveTypesToo() {
        assertEquals(
                List.of("spec.validations[0].messageExpression", """
                        apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'nope'
                         | object.spec.nope
                         | ...........^
                        """),
                warnings(DEPLOYMENTS, "'validations':[{'expression':'true','messageExpression':'object.spec.nope'}]"));
        String variables = "'variables':[{'name':'r','expression':'object.spec.replicas'},"
                + "{'name':'broken','expression':'object.nope'}],'validations':[{'expression':'%s'}]";
        assertEquals(List.of(), warnings(DEPLOYMENTS, variables.formatted("variables.r > 1 && variables.broken")));
        List<String> compared = warnings(DEPLOYMENTS, variables.formatted("variables.r.startsWith(string(1))"));
        assertTrue(compared.get(1).contains("found no matching overload for 'startsWith'"), compared.get(1));
        String params =
                "'paramKind':{'apiVersion':'v1','kind':'%s'},'validations':[{'expression':'params.data.size() > 0"
                        + " && params.nope'}]";
        String typed = warnings(DEPLOYMENTS, params.formatted("ConfigMap")).get(1);
        assertTrue(typed.contains("undefined field 'nope'") && !typed.contains("'data'"), typed);
        // Of a kind that is not there nothing is known, not even that there are parameters.
        String unknown = warnings(DEPLOYMENTS, params.formatted("Nope")).get(1);
        assertTrue(unknown.contains("undeclared reference to 'params'"), unknown);
    }
}
