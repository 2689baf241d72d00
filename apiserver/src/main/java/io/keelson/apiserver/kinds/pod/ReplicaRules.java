package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;

/** What is wrong with kinds that keep a number of pods running, apart from the template. */
public final class ReplicaRules {
    private ReplicaRules() {}

    /** A selector that has to be there and to select by something. */
    public static void selector(Place selector, String kind) {
        if (selector.absent()) {
            selector.required("");
            return;
        }
        LabelValidation.selector(selector);
        if (!LabelValidation.selectsSomething(selector)) {
            selector.invalid("empty selector is invalid for " + kind);
        }
    }

    /** Counters of a status, none of them negative, and none more than there are pods. */
    public static void counts(Place status, JsonNode before, String... parts) {
        status.at("observedGeneration").notNegative();
        status.at("replicas").notNegative();
        for (String part : parts) {
            status.at(part).notNegative();
        }
        ObjectRules.collisionCount(status, before);
        for (String part : parts) {
            if (!part.startsWith("un") && !part.equals("terminatingReplicas")) {
                ObjectRules.atMost(status.at(part), status.at("replicas"), "cannot be greater than status.replicas");
            }
        }
    }
}
