package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;

/** What is wrong with taints of devices, and with what tolerates them. */
final class TaintRules {
    private static final int TAINTS_MAX = 16;
    private static final int TOLERATIONS_MAX = 16;
    private static final String[] EFFECTS = {"NoExecute", "NoSchedule", "None"};

    private TaintRules() {}

    static void taints(Place taints) {
        for (Place taint : Bounded.items(taints, TAINTS_MAX)) {
            taint(taint);
        }
    }

    static void taint(Place taint) {
        taint.at("key").check(Names::qualifiedName);
        taint.at("value").checkIfFilled(Names::labelValue);
        taint.at("effect").oneOf(EFFECTS);
    }

    static void tolerations(Place tolerations) {
        for (Place toleration : Bounded.items(tolerations, TOLERATIONS_MAX)) {
            toleration.at("key").checkIfFilled(Names::qualifiedName);
            Place value = toleration.at("value");
            switch (toleration.at("operator").text()) {
                case "Exists" -> {
                    if (value.filled()) {
                        value.invalid("must be empty for operator `Exists`");
                    }
                }
                case "Equal" -> value.check(Names::labelValue);
                default -> toleration.at("operator").oneOf("Equal", "Exists");
            }
            if (toleration.at("effect").filled()) {
                toleration.at("effect").oneOf(EFFECTS);
            }
        }
    }
}
