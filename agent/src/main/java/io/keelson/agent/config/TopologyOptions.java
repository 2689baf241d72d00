package io.keelson.agent.config;

import java.util.Map;

/**
 * How NUMA nodes are chosen ({@code topologyManagerPolicyOptions}).
 *
 * @param nearest whether of sets of as many nodes that one is better whose nodes are closer to each other ({@code
 *     prefer-closest-numa-nodes})
 * @param nodesMax how many nodes the machine may have at most ({@code max-allowable-numa-nodes})
 */
public record TopologyOptions(boolean nearest, int nodesMax) {
    /** Where nothing is said. */
    public static final TopologyOptions USUAL = new TopologyOptions(false, 8);

    private static final String NEAREST = "prefer-closest-numa-nodes";
    private static final String NODES_MAX = "max-allowable-numa-nodes";

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if there is no such option or value, in the kubelet's words
     */
    static TopologyOptions of(Map<String, String> texts) {
        boolean nearest = USUAL.nearest();
        int nodesMax = USUAL.nodesMax();
        for (Map.Entry<String, String> option : texts.entrySet()) {
            switch (option.getKey()) {
                case NEAREST -> nearest = truth(option.getValue());
                case NODES_MAX -> nodesMax = number(option.getValue());
                default ->
                    throw new IllegalArgumentException(
                            "unknown Topology Manager Policy option: \"" + option.getKey() + '"');
            }
        }
        return new TopologyOptions(nearest, nodesMax);
    }

    private static boolean truth(String text) {
        try {
            return FieldKind.truth(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("bad value for option \"" + NEAREST + "\": " + e.getMessage(), e);
        }
    }

    private static int number(String text) {
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "unable to convert policy option to integer \"" + NODES_MAX + "\": must be a whole number, not \""
                            + text + '"',
                    e);
        }
        if (number < USUAL.nodesMax()) {
            throw new IllegalArgumentException(
                    "the minimum value of \"" + NODES_MAX + "\" should not be less than " + USUAL.nodesMax());
        }
        return number;
    }
}
