package io.keelson.controllers.hollow;

import java.util.Map;

/**
 * What a simulation is like.
 *
 * @param count how many nodes
 * @param prefix what their names begin with; {@code -0}, {@code -1} and so on follow
 * @param capacity what each node has, by resource: {@code cpu}, {@code memory}, {@code pods} and others
 * @param zones over how many zones the nodes are spread, named {@code zone-0} and so on; 0 for no zones
 * @param writesPerSecond how many writes per second at most, those of Leases not counted; 0 for no limit
 * @param rules what happens to pods
 */
public record HollowSettings(
        int count, String prefix, Map<String, String> capacity, int zones, double writesPerSecond, PodRules rules) {
    private static final int PODS_MAX = 65_000;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if there can be no such nodes
     */
    public HollowSettings {
        capacity = Map.copyOf(capacity);
        if (count < 0 || count > 1 << 20) {
            throw new IllegalArgumentException("there can be 0 to 1048576 nodes, not " + count);
        }
        if (!prefix.matches("[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?")) {
            throw new IllegalArgumentException("\"" + prefix + "\" cannot begin the name of a node");
        }
        if (zones < 0 || !(writesPerSecond >= 0)) {
            throw new IllegalArgumentException("zones and writes per second must not be negative");
        }
        int pods = podsMax(capacity);
        if (pods < 0 || pods > PODS_MAX) {
            throw new IllegalArgumentException("a node can have 0 to " + PODS_MAX + " pods, not " + pods);
        }
        if ((long) count * PodAddresses.blockSize(pods) > 1L << 24) {
            throw new IllegalArgumentException(
                    count + " nodes of " + pods + " pods each have more addresses than 10.0.0.0/8");
        }
    }

    private static int podsMax(Map<String, String> capacity) {
        String pods = capacity.getOrDefault("pods", "0");
        try {
            return Integer.parseInt(pods);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("pods=" + pods + " is no number", e);
        }
    }

    /** How many pods a node has room for. */
    int podsPerNode() {
        return podsMax(capacity);
    }

    /** The name of a node. */
    String nodeName(int index) {
        return prefix + '-' + index;
    }
}
