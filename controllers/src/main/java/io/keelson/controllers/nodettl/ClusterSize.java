package io.keelson.controllers.nodettl;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How large a cluster is, in steps. Steps overlap, so that a cluster that grows and shrinks by a node does not go up and down
 * with it: with 101 nodes it goes up a step, and back down with 89. Safe for any thread.
 */
final class ClusterSize {
    private static final List<Step> STEPS = List.of(
            new Step(0, 100, 0),
            new Step(90, 500, 15),
            new Step(450, 1000, 30),
            new Step(900, 2000, 60),
            new Step(1800, Integer.MAX_VALUE, 300));

    private final Set<String> nodes = new HashSet<>();
    private int step;

    private record Step(int nodesMin, int nodesMax, int seconds) {}

    /** For how many seconds a node may keep what it read. */
    synchronized int seconds() {
        return STEPS.get(step).seconds();
    }

    /** Counts a node, once. */
    synchronized void add(String node) {
        if (nodes.add(node) && nodes.size() > STEPS.get(step).nodesMax()) {
            step++;
        }
    }

    /** Does not count a node any more. */
    synchronized void remove(String node) {
        if (nodes.remove(node) && nodes.size() < STEPS.get(step).nodesMin()) {
            step--;
        }
    }
}
