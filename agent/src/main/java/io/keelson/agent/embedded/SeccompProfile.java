package io.keelson.agent.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which system calls a container may make. Of several rules for a call, the first one decides whose conditions hold.
 *
 * @param otherwise what happens with calls that no rule is for, as the kernel has it: an action and its data
 */
record SeccompProfile(int otherwise, List<Rule> rules) {
    static final int ALLOW = 0x7FFF0000;
    static final int ERRNO = 0x00050000;

    private static final int EPERM = 1;
    private static final int DATA_MAX = 0xFFFF;
    private static final int RULES_MAX = 2000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A rule.
     *
     * @param action as the kernel has it
     * @param conditions all of which have to hold
     */
    record Rule(List<String> calls, int action, List<Condition> conditions) {}

    /** How an argument is compared with a value. */
    enum Comparison {
        SCMP_CMP_NE,
        SCMP_CMP_LT,
        SCMP_CMP_LE,
        SCMP_CMP_EQ,
        SCMP_CMP_GE,
        SCMP_CMP_GT,
        /** The bits of {@code value} of the argument are those of {@code second}. */
        SCMP_CMP_MASKED_EQ
    }

    /** Of one argument, counted from 0; values are unsigned. */
    record Condition(int argument, Comparison comparison, long value, long second) {}

    /**
     * From the JSON of the OCI runtime specification.
     *
     * @throws io.grpc.StatusRuntimeException if it is none
     */
    static SeccompProfile parse(byte[] json, SyscallTable table) {
        JsonNode profile;
        try {
            profile = JSON.readTree(new String(json, StandardCharsets.UTF_8));
        } catch (JsonProcessingException malformed) {
            throw RuntimeProblem.invalid("the seccomp profile is no JSON: " + malformed.getOriginalMessage());
        }
        JsonNode architectures = profile.path("architectures");
        if (!architectures.isEmpty()) {
            boolean here = false;
            for (JsonNode one : architectures) {
                here |= one.asText().equals(table.seccompName());
            }
            if (!here) {
                throw RuntimeProblem.invalid("the seccomp profile is for " + architectures
                        + " only, and this machine is " + table.seccompName());
            }
        }
        List<Rule> rules = new ArrayList<>();
        for (JsonNode rule : profile.path("syscalls")) {
            rules.add(rule(rule));
        }
        if (rules.size() > RULES_MAX) {
            throw RuntimeProblem.invalid("a seccomp profile has at most " + RULES_MAX + " rules");
        }
        return new SeccompProfile(
                action(profile.path("defaultAction").asText(""), profile.path("defaultErrnoRet")), rules);
    }

    /**
     * As OCI runtimes take it, which ask all rules of a call and not the first. So what is refused with {@code EPERM} is
     * not named, and is what happens otherwise; they answer themselves as an older kernel would to calls that are newer
     * than any that is named.
     */
    ObjectNode oci() {
        ObjectNode profile = JSON.createObjectNode();
        profile.put("defaultAction", "SCMP_ACT_ERRNO").put("defaultErrnoRet", EPERM);
        ArrayNode list = profile.putArray("syscalls");
        Set<String> decided = new HashSet<>();
        for (Rule rule : rules) {
            List<String> calls = rule.calls().stream()
                    .filter(call -> !decided.contains(call))
                    .sorted()
                    .toList();
            if (rule.conditions().isEmpty()) {
                decided.addAll(calls);
            }
            if (calls.isEmpty() || rule.action() == (ERRNO | EPERM)) {
                continue;
            }
            ObjectNode node = list.addObject();
            calls.forEach(node.putArray("names")::add);
            if (rule.action() == ALLOW) {
                node.put("action", "SCMP_ACT_ALLOW");
            } else {
                node.put("action", "SCMP_ACT_ERRNO").put("errnoRet", rule.action() & DATA_MAX);
            }
            ArrayNode conditions = node.putArray("args");
            for (Condition condition : rule.conditions()) {
                conditions
                        .addObject()
                        .put("index", condition.argument())
                        .put("value", condition.value())
                        .put("valueTwo", condition.second())
                        .put("op", condition.comparison().name());
            }
        }
        return profile;
    }

    private static Rule rule(JsonNode rule) {
        List<String> calls = new ArrayList<>();
        rule.path("names").forEach(name -> calls.add(name.asText()));
        if (rule.path("name").isTextual()) {
            calls.add(rule.path("name").asText());
        }
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode condition : rule.path("args")) {
            int index = condition.path("index").asInt(-1);
            if (index < 0 || index > 5) {
                throw RuntimeProblem.invalid("the seccomp profile has a condition for argument " + index);
            }
            try {
                conditions.add(new Condition(
                        index,
                        Comparison.valueOf(condition.path("op").asText("")),
                        condition.path("value").bigIntegerValue().longValue(),
                        condition.path("valueTwo").bigIntegerValue().longValue()));
            } catch (IllegalArgumentException unknown) {
                throw RuntimeProblem.invalid("the seccomp profile has the unknown comparison "
                        + condition.path("op").asText(""));
            }
        }
        return new Rule(calls, action(rule.path("action").asText(""), rule.path("errnoRet")), conditions);
    }

    private static int action(String name, JsonNode error) {
        return switch (name) {
            case "SCMP_ACT_ALLOW" -> ALLOW;
            case "SCMP_ACT_ERRNO" -> ERRNO | (error.asInt(EPERM) & DATA_MAX);
            case "SCMP_ACT_LOG" -> 0x7FFC0000;
            case "SCMP_ACT_TRACE" -> 0x7FF00000 | (error.asInt(EPERM) & DATA_MAX);
            case "SCMP_ACT_TRAP" -> 0x00030000;
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> 0;
            case "SCMP_ACT_KILL_PROCESS" -> 0x80000000;
            case "SCMP_ACT_NOTIFY" ->
                throw RuntimeProblem.invalid(
                        "the seccomp profile wants SCMP_ACT_NOTIFY: there is nobody to be notified");
            default -> throw RuntimeProblem.invalid("the seccomp profile has the unknown action \"" + name + "\"");
        };
    }
}
