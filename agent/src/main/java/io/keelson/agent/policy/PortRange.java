package io.keelson.agent.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Ports from one to another, both included. */
record PortRange(int first, int last) {
    /** Whether a port is among them. */
    boolean contains(int port) {
        return first <= port && port <= last;
    }

    /** The same ports in as few ranges as can be, in their order. */
    static List<PortRange> merged(Collection<PortRange> ranges) {
        List<PortRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingInt(PortRange::first));
        List<PortRange> merged = new ArrayList<>();
        for (PortRange range : sorted) {
            PortRange before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && range.first <= before.last + 1) {
                merged.set(merged.size() - 1, new PortRange(before.first, Math.max(before.last, range.last)));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }
}
