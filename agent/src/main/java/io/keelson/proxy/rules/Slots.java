package io.keelson.proxy.rules;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Destinations at indexes from 0 on without gaps, so that one is chosen by a random number. When some come or go, as few as can
 * be get another index.
 */
final class Slots {
    static final Destination[] NONE = {};

    private Slots() {}

    /** Where destinations are that were so, and are to be others. */
    static Destination[] arranged(Destination[] before, List<Destination> now) {
        Set<Destination> missing = new HashSet<>(now);
        Destination[] after = new Destination[now.size()];
        boolean[] taken = new boolean[after.length];
        Deque<Destination> moving = new ArrayDeque<>();
        for (int i = 0; i < before.length; i++) {
            if (missing.remove(before[i])) {
                if (i < after.length) {
                    after[i] = before[i];
                    taken[i] = true;
                } else {
                    moving.add(before[i]);
                }
            }
        }
        // In their order, so that it does not depend on that of a hash.
        for (Destination destination : now) {
            if (missing.contains(destination)) {
                moving.add(destination);
            }
        }
        for (int i = 0; i < after.length; i++) {
            if (!taken[i]) {
                after[i] = moving.remove();
            }
        }
        return Arrays.equals(before, after) ? before : after;
    }
}
