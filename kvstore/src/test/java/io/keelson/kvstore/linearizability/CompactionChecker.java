package io.keelson.kvstore.linearizability;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds reads at old revisions against the compactions that were asked for meanwhile. Such a read is refused if, and only if,
 * its revision is below one that has been compacted: it may be refused from the moment the compaction is asked for, and has
 * to be from the moment it is acknowledged. What a read shows that is not refused, {@link RevisionChecker} judges.
 */
public final class CompactionChecker {
    private static final String COMPACTED = "required revision has been compacted";
    private static final String FUTURE = "required revision is a future revision";

    /**
     * A compaction that was asked for.
     *
     * @param revision up to which the past is dropped
     * @param invokedNanos when it was sent
     * @param returnedNanos when it was acknowledged; {@link Long#MAX_VALUE} if it was not
     */
    public record Compaction(long revision, long invokedNanos, long returnedNanos) {}

    private CompactionChecker() {}

    /** What is wrong with a history, empty if nothing is. */
    public static List<String> violations(List<Operation> history, List<Compaction> compactions) {
        List<String> wrong = new ArrayList<>();
        for (Operation operation : history) {
            if (!(operation.action() instanceof Operation.Action.ReadAt(long revision))) {
                continue;
            }
            switch (operation.outcome()) {
                case Operation.Outcome.Done _ -> {
                    if (compactions.stream()
                            .anyMatch(compaction -> compaction.revision() > revision
                                    && compaction.returnedNanos() < operation.invokedNanos())) {
                        wrong.add("a read of what had been compacted was answered: " + operation);
                    }
                }
                case Operation.Outcome.Refused(String why) -> {
                    if (why.contains(COMPACTED)
                            && compactions.stream()
                                    .noneMatch(compaction -> compaction.revision() > revision
                                            && compaction.invokedNanos() < operation.returnedNanos())) {
                        wrong.add("a read was refused as compacted, and nobody had compacted that much: " + operation);
                    }
                    if (why.contains(FUTURE)) {
                        wrong.add("a read at a revision that a client had been told was refused: " + operation);
                    }
                }
                case Operation.Outcome.Unknown _ -> {}
            }
        }
        return wrong;
    }
}
