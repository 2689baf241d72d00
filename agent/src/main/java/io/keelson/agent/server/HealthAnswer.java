package io.keelson.agent.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** What is said to who asks for the agent's health. Any thread. */
final class HealthAnswer {
    private final Map<String, BooleanSupplier> checks;

    /** @param checks what has to be so, by name */
    HealthAnswer(Map<String, BooleanSupplier> checks) {
        this.checks = new LinkedHashMap<>(checks);
    }

    /** @param below what stands in the path behind {@code /healthz}: the name of a check, or nothing */
    Answer answer(List<String> below, boolean verbose) {
        if (!below.isEmpty()) {
            BooleanSupplier check = below.size() == 1 ? checks.get(below.getFirst()) : null;
            return check == null
                    ? Routes.notFound()
                    : check.getAsBoolean()
                            ? Answer.text(200, "ok")
                            : Answer.text(500, "internal server error: " + below.getFirst() + " failed\n");
        }
        StringBuilder lines = new StringBuilder();
        boolean well = true;
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            boolean passed = check.getValue().getAsBoolean();
            well &= passed;
            lines.append(passed ? "[+]" : "[-]")
                    .append(check.getKey())
                    .append(passed ? " ok\n" : " failed: reason withheld\n");
        }
        if (!well) {
            return Answer.text(500, lines + "healthz check failed\n");
        }
        return Answer.text(200, verbose ? lines + "healthz check passed\n" : "ok");
    }
}
