package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with tolerations of pods, and with the taints of nodes that they tolerate. */
public final class TolerationRules {
    private TolerationRules() {}

    /** Of a pod, a runtime class, or whatever else tolerates. */
    public static void tolerations(Place tolerations) {
        for (Place toleration : tolerations.items()) {
            toleration.at("key").checkIfFilled(Names::qualifiedName);
            Place operator = toleration.at("operator");
            if (toleration.at("key").empty() && !operator.is("Exists")) {
                operator.invalid("operator must be Exists when `key` is empty, which means \"match all values and all"
                        + " keys\"");
            }
            Place effect = toleration.at("effect");
            if (toleration.at("tolerationSeconds").present() && !effect.is("NoExecute")) {
                effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
            Place value = toleration.at("value");
            switch (operator.text()) {
                case "", "Equal" -> {
                    List<String> wrong = Names.labelValue(value.text());
                    if (!wrong.isEmpty()) {
                        operator.invalid(value.text(), String.join(";", wrong));
                    }
                }
                case "Exists" -> {
                    if (value.filled()) {
                        operator.invalid(value.text(), "value must be empty when `operator` is 'Exists'");
                    }
                }
                default -> operator.notSupported("Equal", "Exists");
            }
            if (effect.filled()) {
                effect(effect);
            }
        }
    }

    private static void effect(Place effect) {
        effect.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");
    }

    /** Of a node. */
    public static void taints(Place taints) {
        Set<String> seen = new HashSet<>();
        for (Place taint : taints.items()) {
            taint.at("key").check(Names::qualifiedName);
            List<String> wrong = Names.labelValue(taint.at("value").text());
            if (!wrong.isEmpty()) {
                taint.at("value").invalid(String.join(";", wrong));
            }
            effect(taint.at("effect"));
            if (!seen.add(taint.at("key").text() + "\n" + taint.at("effect").text())) {
                taint.errors().duplicate(taint.path(), taint.value(), "taints must be unique by key and effect pair");
            }
        }
    }

    /** Tolerations of a pod may be added, and change only in their seconds. */
    static void onlyAdded(Place tolerations, JsonNode before) {
        for (JsonNode old : before) {
            boolean found = tolerations.items().stream()
                    .anyMatch(toleration -> SemanticEquality.equal(timeless(toleration.value()), timeless(old)));
            if (!found) {
                tolerations.forbidden("existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static JsonNode timeless(JsonNode toleration) {
        return toleration instanceof ObjectNode object ? object.deepCopy().without("tolerationSeconds") : toleration;
    }
}
