package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which requests go into which level of priority, and which of them are one flow.
 *
 * @param precedence the smaller it is, the sooner it is asked
 */
record FlowSchema(
        String name, String uid, int precedence, String level, Distinguisher distinguisher, List<FlowRule> rules) {
    private static final int DEFAULT_PRECEDENCE = 1000;

    /** In which order they are asked. */
    static final Comparator<FlowSchema> ORDER =
            Comparator.comparingInt(FlowSchema::precedence).thenComparing(FlowSchema::name);

    /** By what flows of one schema are told apart. */
    enum Distinguisher {
        NOTHING,
        USER,
        NAMESPACE
    }

    FlowSchema {
        rules = List.copyOf(rules);
    }

    static FlowSchema of(JsonNode schema) {
        JsonNode spec = schema.path("spec");
        List<FlowRule> rules = new ArrayList<>();
        spec.path("rules").forEach(rule -> rules.add(FlowRule.of(rule)));
        return new FlowSchema(
                ObjectMeta.name(schema),
                ObjectMeta.uid(schema),
                spec.path("matchingPrecedence").asInt(DEFAULT_PRECEDENCE),
                spec.path("priorityLevelConfiguration").path("name").asText(""),
                switch (spec.path("distinguisherMethod").path("type").asText("")) {
                    case "ByUser" -> Distinguisher.USER;
                    case "ByNamespace" -> Distinguisher.NAMESPACE;
                    default -> Distinguisher.NOTHING;
                },
                rules);
    }

    boolean fits(UserInfo user, RequestInfo request) {
        for (FlowRule rule : rules) {
            if (rule.fits(user, request)) {
                return true;
            }
        }
        return false;
    }

    Flow flow(UserInfo user, RequestInfo request) {
        return new Flow(
                this,
                switch (distinguisher) {
                    case NOTHING -> "";
                    case USER -> user.name();
                    case NAMESPACE -> request.namespace();
                });
    }
}
