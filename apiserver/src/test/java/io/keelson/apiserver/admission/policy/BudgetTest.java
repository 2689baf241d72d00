package io.keelson.apiserver.admission.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.CelValues;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the expressions of one policy may cost, and what variables do about it. */
final class BudgetTest {
    private static ValidatingPolicy policy(String spec) {
        ObjectNode policy = Yaml.parseObject(
                ("metadata: {name: p}\nspec:\n  matchConstraints: {namespaceSelector: {}, objectSelector: {}}\n" + spec)
                        .getBytes(StandardCharsets.UTF_8),
                new ArrayList<>());
        return ValidatingPolicy.of(policy);
    }

    private static Map<String, Object> scene() {
        StringBuilder list = new StringBuilder("{\"list\":[0");
        for (int i = 1; i < 250; i++) {
            list.append(',').append(i);
        }
        return Map.of("object", CelValues.of(Json.parse(list.append("]}").toString())));
    }

    private static List<String> messages(Findings findings) {
        List<String> messages = new ArrayList<>();
        for (Decision decision : findings.decisions()) {
            messages.add(decision instanceof Decision.Deny deny ? deny.message() : "");
        }
        return messages;
    }

    @Test
    void allTogetherMayNotCostMoreThanTheWhole() {
        String costly = "  - {expression: \"object.list.all(a, object.list.all(b, a + b >= 0))\"}\n";
        List<String> some =
                messages(policy("  validations:\n" + costly.repeat(2)).judge(scene()));
        assertEquals(List.of("", ""), some);
        List<String> many =
                messages(policy("  validations:\n" + costly.repeat(60)).judge(scene()));
        assertEquals(
                List.of("validation failed due to running out of cost budget, no further validation rules will be run"),
                many);
        List<String> ignored = messages(policy("  failurePolicy: Ignore\n  validations:\n" + costly.repeat(60))
                .judge(scene()));
        assertEquals(List.of(""), ignored);
    }

    @Test
    void aVariableIsEvaluatedOnceForAll() {
        String spec = """
                  variables:
                  - {name: sum, expression: "object.list.filter(a, object.list.all(b, a + b >= 0)).size()"}
                  validations:
                """ + "  - {expression: \"variables.sum + variables.sum == 500\"}\n".repeat(60);
        assertEquals(
                60,
                messages(policy(spec).judge(scene())).stream()
                        .filter(String::isEmpty)
                        .count());
    }

    @Test
    void aVariableThatFailsDoesSoOnlyWhereItMatters() {
        List<String> messages = messages(policy("""
                  variables:
                  - {name: bad, expression: object.absent}
                  - {name: broken, expression: "object."}
                  - {name: unused, expression: object.absent}
                  validations:
                  - {expression: "true || variables.bad == 1"}
                  - {expression: variables.bad == 1}
                  - {expression: variables.broken == 1}
                """).judge(scene()));
        assertEquals("", messages.get(0));
        assertEquals(
                "expression 'variables.bad == 1' resulted in error: composited variable \"bad\" fails to evaluate: no such key:"
                        + " absent",
                messages.get(1));
        assertTrue(
                messages.get(2)
                        .startsWith(
                                "expression 'variables.broken == 1' resulted in error: composited variable \"broken\""
                                        + " fails to compile: compilation failed: "),
                messages.get(2));
    }

    @Test
    void aChainOfVariablesIsFollowedAsFarAsTheStackAllows() {
        assertEquals(List.of(""), messages(policy(chain(32)).judge(scene())));
        String message = messages(policy(chain(2_000)).judge(scene())).getFirst();
        assertTrue(message.startsWith("expression 'variables.v1999 == 2000' resulted in error: "), message);
        assertTrue(message.length() < 10_000);
        StringBuilder inOrder = new StringBuilder(chain(200)).append("  validations:\n");
        for (int i = 0; i < 200; i++) {
            inOrder.append("  - {expression: variables.v").append(i).append(" > 0}\n");
        }
        assertEquals(
                200,
                messages(policy(inOrder.toString().replaceFirst("  validations:.*\n", ""))
                                .judge(scene()))
                        .stream()
                        .filter(String::isEmpty)
                        .count());
    }

    private static String chain(int length) {
        StringBuilder spec =
                new StringBuilder("  validations: [{expression: variables.v" + (length - 1) + " == " + length + "}]\n");
        spec.append("  variables:\n  - {name: v0, expression: \"1\"}\n");
        for (int i = 1; i < length; i++) {
            spec.append("  - {name: v")
                    .append(i)
                    .append(", expression: variables.v")
                    .append(i - 1)
                    .append(" + 1}\n");
        }
        return spec.toString();
    }

    @Test
    void longOrBrokenMessagesAreReplaced() {
        List<String> messages = messages(policy("""
                  validations:
                  - {expression: "false", message: short, messageExpression: "object.list.map(i, string(i) + '-----------------------------------------').join('')"}
                  - {expression: "false", message: short, messageExpression: "'a\\\\nb'"}
                  - {expression: "false", messageExpression: "'  '"}
                  - {expression: "false", messageExpression: "' x '"}
                """).judge(scene()));
        assertEquals(List.of("short", "short", "failed expression: false", "x"), messages);
    }
}
