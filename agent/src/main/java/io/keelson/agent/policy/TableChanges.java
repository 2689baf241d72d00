package io.keelson.agent.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What makes a table that is there one that is wanted, all of it at once.
 *
 * @param newSets with all their elements
 * @param removedSets which nothing speaks of any more
 * @param removed keys of elements that go, of sets that stay
 * @param added elements that come, of sets that stay; a key of a map may be among those that go, too
 * @param chains new ones and those with other rules
 * @param newChains those of them that were not there
 */
record TableChanges(
        Map<String, TableSet> newSets,
        Set<String> removedSets,
        Map<String, Set<String>> removed,
        Map<String, Map<String, String>> added,
        Map<String, TableChain> chains,
        Set<String> newChains,
        Set<String> removedChains) {
    /** A chain that others lead to. */
    record TableChain(Direction direction, List<RuleLine> lines) {}

    /** Whether there is nothing to do. */
    boolean isEmpty() {
        return newSets.isEmpty()
                && removedSets.isEmpty()
                && removed.isEmpty()
                && added.isEmpty()
                && chains.isEmpty()
                && removedChains.isEmpty();
    }
}
