package io.keelson.proxy.nft;

import java.util.HashSet;
import java.util.Set;

/**
 * What of a table may not be as it was left.
 *
 * @param isAll whether anything may be
 * @param isAny whether something is: chains and rules at least, which are looked at in any case
 * @param sets the names of the sets whose elements may be others
 */
public record Touched(boolean isAll, boolean isAny, Set<String> sets) {
    static final Touched NOTHING = new Touched(false, false, Set.of());
    static final Touched RULES = new Touched(false, true, Set.of());
    static final Touched ALL = new Touched(true, true, Set.of());

    public Touched {
        sets = Set.copyOf(sets);
    }

    /** Whether the elements of a set have to be looked at. */
    boolean mayBe(String set) {
        return isAll || sets.contains(set);
    }

    Touched and(Touched other) {
        Set<String> both = new HashSet<>(sets);
        both.addAll(other.sets);
        return new Touched(isAll || other.isAll, isAny || other.isAny, both);
    }
}
