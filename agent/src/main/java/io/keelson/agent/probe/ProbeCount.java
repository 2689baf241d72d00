package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.Probe;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Counts answers until enough of them in a row say the same. Holds no lock: whoever asks counts.
 *
 * <p>For example a readiness probe with a failure threshold of 3 that has succeeded once stays at success through two
 * failures and falls to failure with the third.
 */
final class ProbeCount {
    private final int failuresNeeded;
    private final int successesNeeded;
    private ProbeResult result;
    private boolean lastWasWell;
    private int inRow;

    ProbeCount(Probe probe, ProbeResult initial) {
        failuresNeeded = positive(probe.getFailureThreshold(), 3);
        successesNeeded = positive(probe.getSuccessThreshold(), 1);
        result = initial;
    }

    private static int positive(@Nullable Integer given, int usual) {
        return given == null || given <= 0 ? usual : given;
    }

    /** Counts an answer, and returns the result that stands then. */
    ProbeResult count(Outcome outcome) {
        boolean isWell = outcome == Outcome.SUCCESS || outcome == Outcome.WARNING;
        inRow = inRow > 0 && isWell == lastWasWell ? inRow + 1 : 1;
        lastWasWell = isWell;
        if (isWell && inRow >= successesNeeded) {
            result = ProbeResult.SUCCESS;
        } else if (!isWell && inRow >= failuresNeeded) {
            result = ProbeResult.FAILURE;
        }
        return result;
    }

    ProbeResult result() {
        return result;
    }
}
