package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.PolicyRule;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What roles collect from each other. */
final class AggregatedRolesTest {
    private static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static PolicyRule read(String... resources) {
        return PolicyRule.on(List.of("get"), List.of(""), List.of(resources));
    }

    private static ObjectNode role(String name, String label, PolicyRule... rules) {
        ObjectNode role = Json.object();
        ObjectMeta.setName(role, name);
        if (!label.isEmpty()) {
            ObjectMeta.setLabel(role, label, "true");
        }
        for (PolicyRule rule : rules) {
            role.withArray("rules").add(rule.toTree());
        }
        return role;
    }

    private static ObjectNode collector(String name, String label, String... selectors) {
        ObjectNode role = role(name, label);
        var list = role.putObject("aggregationRule").putArray("clusterRoleSelectors");
        for (String selector : selectors) {
            list.add(json(selector));
        }
        return role;
    }

    @Test
    void collectsBySelectorThenByNameAndNoRuleTwice() {
        assertEquals(
                Map.of("all", List.of(read("c"), read("a"), read("b", "a"))),
                AggregatedRoles.changed(List.of(
                        role("z", "first", read("c")),
                        role("b", "second", read("b", "a"), read("c")),
                        role("a", "second", read("a"), read("a")),
                        role("other", "third", read("x")),
                        collector(
                                "all",
                                "",
                                "{'matchLabels':{'first':'true'}}",
                                "{'matchExpressions':[{'key':'second','operator':'Exists'}]}"))));
    }

    @Test
    void followsChainsInOneGo() {
        String toB = "{'matchLabels':{'to-b':'true'}}";
        String toA = "{'matchLabels':{'to-a':'true'}}";
        assertEquals(
                Map.of("a", List.of(read("x")), "b", List.of(read("x"))),
                AggregatedRoles.changed(
                        List.of(collector("a", "", toA), collector("b", "to-a", toB), role("x", "to-b", read("x")))));
    }

    @Test
    void leavesAloneWhatIsRightOrCannotBeKnown() {
        ObjectNode right = collector("right", "", "{'matchLabels':{'l':'true'}}");
        right.putArray("rules").add(read("x").toTree());
        ObjectNode wrong = collector("wrong", "", "{'matchExpressions':[{'key':'l','operator':'Like'}]}");
        wrong.putArray("rules").add(read("y").toTree());
        ObjectNode empty = collector("empty", "", "{'matchLabels':{'nobody':'true'}}");
        ObjectNode plain = role("plain", "l", read("x"));
        assertEquals(Map.of(), AggregatedRoles.changed(List.of(right, wrong, empty, plain)));
    }

    @Test
    void takesAwayWhatIsNoLongerThere() {
        ObjectNode former = collector("former", "", "{'matchLabels':{'l':'true'}}");
        former.putArray("rules").add(read("gone").toTree());
        assertEquals(Map.of("former", List.of()), AggregatedRoles.changed(List.of(former)));
    }

    @Test
    void whoeverChoosesItselfHasOnlyWhatOthersHave() {
        ObjectNode self = collector("self", "l", "{}");
        self.putArray("rules").add(read("own").toTree());
        assertEquals(
                Map.of("self", List.of(read("x"))), AggregatedRoles.changed(List.of(self, role("x", "", read("x")))));
    }

    @Test
    void aCircleComesToRest() {
        ObjectNode one = collector("one", "l", "{'matchLabels':{'l':'true'}}");
        ObjectNode two = collector("two", "l", "{'matchLabels':{'l':'true'}}");
        one.putArray("rules").add(read("x").toTree());
        Map<String, List<PolicyRule>> first = AggregatedRoles.changed(List.of(one, two));
        first.forEach((name, rules) -> {
            var list = (name.equals("one") ? one : two).putArray("rules");
            rules.forEach(rule -> list.add(rule.toTree()));
        });
        assertEquals(Map.of(), AggregatedRoles.changed(List.of(one, two)));
    }
}
