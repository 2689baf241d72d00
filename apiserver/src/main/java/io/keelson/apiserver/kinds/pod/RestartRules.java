package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a container that ended is started again. A container may say so itself, otherwise than its pod does, and for some
 * exit codes otherwise than for the rest; the first of its rules that an exit code meets decides.
 */
final class RestartRules {
    private static final int RULES_MAX = 20;
    private static final int EXIT_CODES_MAX = 255;
    private static final String RESTART = "Restart";
    private static final String RESTART_ALL = "RestartAllContainers";

    private RestartRules() {}

    /** What is wrong with what a container says of its restarts, be it one that stays or one that prepares. */
    static void validate(Place container) {
        Place policy = container.at("restartPolicy");
        policy.oneOfIfPresent("Always", "Never", "OnFailure");
        Place rules = container.at("restartPolicyRules");
        if (rules.size() == 0) {
            return;
        }
        if (policy.absent()) {
            policy.required("must specify restartPolicy when restart rules are used");
        }
        if (rules.size() > RULES_MAX) {
            rules.tooMany(RULES_MAX);
        }
        for (Place rule : rules.items()) {
            oneOf(rule.at("action"), RESTART, RESTART_ALL);
            Place codes = rule.at("exitCodes");
            if (codes.absent()) {
                codes.required("must be specified");
                continue;
            }
            oneOf(codes.at("operator"), "In", "NotIn");
            if (codes.at("values").size() > EXIT_CODES_MAX) {
                codes.at("values").tooMany(EXIT_CODES_MAX);
            }
        }
    }

    /** Here the original takes a text that is missing for one that is not supported. */
    private static void oneOf(Place place, String... supported) {
        if (!Set.of(supported).contains(place.text())) {
            place.notSupported(supported);
        }
    }

    /** Whether there is a container whose end may make all containers of the pod start again. */
    static boolean mayRestartAll(JsonNode spec) {
        return mayRestartAll(spec.path("initContainers"), spec.path("containers"));
    }

    private static boolean mayRestartAll(JsonNode... lists) {
        for (JsonNode list : lists) {
            for (JsonNode container : list) {
                for (JsonNode rule : container.path("restartPolicyRules")) {
                    if (rule.path("action").asText().equals(RESTART_ALL)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Whether a container is started again.
     *
     * @param containers those of its sort
     * @param name the container's
     * @param exitCode with which it ended
     * @param podPolicy what the pod says, for containers that do not say it themselves
     */
    static boolean restarts(JsonNode containers, String name, long exitCode, String podPolicy) {
        JsonNode container = find(containers, name);
        if (container == null) {
            return follows(podPolicy, exitCode);
        }
        String own = container.path("restartPolicy").asText("");
        if (own.isEmpty()) {
            return follows(podPolicy, exitCode);
        }
        for (JsonNode rule : container.path("restartPolicyRules")) {
            if (meets(exitCode, rule.path("exitCodes"))) {
                return rule.path("action").asText().equals(RESTART) || follows(own, exitCode);
            }
        }
        return follows(own, exitCode);
    }

    private static @Nullable JsonNode find(JsonNode containers, String name) {
        for (JsonNode container : containers) {
            if (container.path("name").asText().equals(name)) {
                return container;
            }
        }
        return null;
    }

    private static boolean meets(long exitCode, JsonNode codes) {
        boolean listed = false;
        for (JsonNode value : codes.path("values")) {
            listed |= value.asLong() == exitCode;
        }
        return switch (codes.path("operator").asText()) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            default -> false;
        };
    }

    private static boolean follows(String policy, long exitCode) {
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> exitCode != 0;
            default -> true;
        };
    }
}
