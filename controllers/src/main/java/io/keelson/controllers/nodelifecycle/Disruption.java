package io.keelson.controllers.nodelifecycle;

import java.util.HashMap;
import java.util.Map;

/**
 * How fast nodes are given up in each zone. If all zones are lost at once it is likely this side that is cut off: then no
 * node is given up, and when the first zone is back all nodes get their grace period anew.
 *
 * <p>One thread.
 */
final class Disruption {
    private final NodeLifecycleSettings settings;
    private final Map<String, ZoneState> states = new HashMap<>();

    /** How many nodes of a zone are ready and how many are not. */
    record Count(int ready, int notReady) {
        int size() {
            return ready + notReady;
        }

        Count plus(boolean isReady) {
            return isReady ? new Count(ready + 1, notReady) : new Count(ready, notReady + 1);
        }
    }

    /**
     * What a look at all zones leads to.
     *
     * @param rates how many nodes per second are given up from now on, by zone; zones that go on as before are left out
     * @param spare whether all nodes are to be taken as reachable
     * @param afresh whether the grace periods of all nodes begin now
     */
    record Decision(Map<String, Double> rates, boolean spare, boolean afresh) {}

    Disruption(NodeLifecycleSettings settings) {
        this.settings = settings;
    }

    /** The state of a zone at the last look. */
    ZoneState state(String zone) {
        return states.getOrDefault(zone, ZoneState.INITIAL);
    }

    /** Looks at all zones that have nodes. */
    Decision update(Map<String, Count> zones) {
        states.keySet().retainAll(zones.keySet());
        Map<String, ZoneState> next = new HashMap<>();
        zones.forEach((zone, count) -> {
            states.putIfAbsent(zone, ZoneState.INITIAL);
            next.put(zone, ZoneState.of(count.ready(), count.notReady(), settings.unhealthyZoneThreshold()));
        });
        boolean wasLost = states.values().stream().allMatch(ZoneState.FULL_DISRUPTION::equals);
        boolean isLost = next.values().stream().allMatch(ZoneState.FULL_DISRUPTION::equals);
        Map<String, Double> rates = new HashMap<>();
        if (isLost && wasLost) {
            return new Decision(rates, false, false);
        }
        zones.forEach((zone, count) -> {
            ZoneState state = next.getOrDefault(zone, ZoneState.INITIAL);
            if (isLost) {
                rates.put(zone, 0.0);
            } else if (wasLost || state != states.get(zone)) {
                rates.put(zone, rate(state, count));
            }
        });
        states.putAll(next);
        return new Decision(rates, isLost, wasLost);
    }

    private double rate(ZoneState state, Count count) {
        return switch (state) {
            case INITIAL, NORMAL, FULL_DISRUPTION -> settings.evictionRate();
            case PARTIAL_DISRUPTION ->
                count.size() > settings.largeClusterSizeThreshold() ? settings.secondaryEvictionRate() : 0;
        };
    }
}
