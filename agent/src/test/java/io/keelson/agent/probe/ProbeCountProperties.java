package io.keelson.agent.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ProbeCountProperties {
    @Property(tries = 300, seed = "7")
    void theResultIsThatOfTheLastRowThatWasLongEnough(
            @ForAll @Size(max = 40) List<Outcome> answers,
            @ForAll @IntRange(min = 1, max = 4) int failures,
            @ForAll @IntRange(min = 1, max = 4) int successes) {
        Probe probe = new ProbeBuilder()
                .withFailureThreshold(failures)
                .withSuccessThreshold(successes)
                .build();
        ProbeCount count = new ProbeCount(probe, ProbeResult.UNKNOWN);
        for (int end = 1; end <= answers.size(); end++) {
            ProbeResult result = count.count(answers.get(end - 1));
            assertEquals(expected(answers.subList(0, end), failures, successes), result);
        }
    }

    /** Written as words: goes back from the end until some row of equal answers was long enough. */
    private static ProbeResult expected(List<Outcome> answers, int failures, int successes) {
        StringBuilder text = new StringBuilder();
        answers.forEach(answer -> text.append(answer == Outcome.SUCCESS || answer == Outcome.WARNING ? 's' : 'f'));
        int lastSuccess = text.lastIndexOf("s".repeat(successes));
        int lastFailure = text.lastIndexOf("f".repeat(failures));
        int successEnd = lastSuccess < 0 ? -1 : lastSuccess + successes;
        int failureEnd = lastFailure < 0 ? -1 : lastFailure + failures;
        if (successEnd < 0 && failureEnd < 0) {
            return ProbeResult.UNKNOWN;
        }
        return successEnd > failureEnd ? ProbeResult.SUCCESS : ProbeResult.FAILURE;
    }
}
