package io.keelson.apiserver.apply;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A field that somebody else manages and that would get another value. */
record Conflict(Manager manager, List<PathElement> path) {
    private static final String REASON = "FieldManagerConflict";

    /** All conflicts of an apply. */
    static final class Conflicts extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient List<Conflict> conflicts;

        Conflicts(List<Conflict> conflicts) {
            super("conflicts", null, false, false);
            this.conflicts = conflicts;
        }

        /** Sorted by manager. */
        static Conflicts of(Map<Manager, FieldSet> sets) {
            List<Conflict> conflicts = new ArrayList<>();
            sets.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey(Manager.ORDER))
                    .forEach(entry ->
                            entry.getValue().forEach(path -> conflicts.add(new Conflict(entry.getKey(), path))));
            return new Conflicts(conflicts);
        }

        /** Those whose fields are not in a set. */
        Conflicts without(FieldSet fields) {
            return new Conflicts(conflicts.stream()
                    .filter(conflict -> !fields.contains(conflict.path()))
                    .toList());
        }

        boolean isEmpty() {
            return conflicts.isEmpty();
        }

        /** 409, with each conflict as a cause. */
        ApiException asAnswer() {
            List<StatusCause> causes = conflicts.stream()
                    .map(conflict -> new StatusCause(
                            REASON, "conflict with " + conflict.manager().shown(), FieldSet.shown(conflict.path())))
                    .toList();
            return ApiException.of(Reason.CONFLICT, text(), StatusDetails.NONE.withCauses(causes));
        }

        private String text() {
            if (conflicts.size() == 1) {
                Conflict only = conflicts.getFirst();
                return "Apply failed with 1 conflict: conflict with "
                        + only.manager().shown() + ": " + FieldSet.shown(only.path());
            }
            StringBuilder text = new StringBuilder("Apply failed with " + conflicts.size() + " conflicts: ");
            Manager told = null;
            for (Conflict conflict : conflicts) {
                if (!conflict.manager().equals(told)) {
                    text.append(told == null ? "" : "\n")
                            .append("conflicts with ")
                            .append(conflict.manager().shown())
                            .append(':');
                    told = conflict.manager();
                }
                text.append("\n- ").append(FieldSet.shown(conflict.path()));
            }
            return text.toString();
        }
    }
}
