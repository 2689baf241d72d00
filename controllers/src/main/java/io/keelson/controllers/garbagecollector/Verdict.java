package io.keelson.controllers.garbagecollector;

import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.Owner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is to be done with an object that has owners, as they are now. */
sealed interface Verdict {
    /** It has an owner, and none that is gone. */
    record Keep() implements Verdict {}

    /**
     * It has an owner, but others are gone or wait for it.
     *
     * @param owners those that it keeps
     */
    record Release(List<Owner> owners) implements Verdict {}

    /**
     * Nobody keeps it.
     *
     * @param propagation {@code Background}, {@code Foreground} or {@code Orphan}
     * @param unblock whether its owners must not wait for it, as it would wait for them
     */
    record Delete(String propagation, boolean unblock) implements Verdict {}

    /** How it is with an owner. */
    enum State {
        /** It is there, and does not wait for its dependents. */
        SOLID,
        /** It is not there. */
        DANGLING,
        /** It is being deleted, and waits for its dependents. */
        WAITING
    }

    /**
     * What follows.
     *
     * @param states of its owners, in their order
     * @param hasDependents whether anybody names it as an owner
     * @param dependentWaits whether one of those waits for its own dependents, so that they may be a circle
     */
    static Verdict of(Metadata object, List<State> states, boolean hasDependents, boolean dependentWaits) {
        Set<State> found = new HashSet<>(states);
        if (states.isEmpty() || found.equals(Set.of(State.SOLID))) {
            return new Keep();
        }
        if (found.contains(State.SOLID)) {
            List<Owner> kept = new ArrayList<>();
            for (int i = 0; i < states.size(); i++) {
                if (states.get(i) == State.SOLID) {
                    kept.add(object.owners().get(i));
                }
            }
            return new Release(List.copyOf(kept));
        }
        if (found.contains(State.WAITING) && hasDependents) {
            return new Delete("Foreground", dependentWaits);
        }
        if (object.finalizers().contains(Metadata.ORPHAN)) {
            return new Delete("Orphan", false);
        }
        return new Delete(object.finalizers().contains(Metadata.FOREGROUND) ? "Foreground" : "Background", false);
    }
}
