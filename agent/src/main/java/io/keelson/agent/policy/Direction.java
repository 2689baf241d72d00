package io.keelson.agent.policy;

/** Which way of a pod's traffic is meant. */
enum Direction {
    /** What comes to it. */
    INGRESS("Ingress", "ingress"),
    /** What it sends. */
    EGRESS("Egress", "egress");

    private final String policyType;
    private final String label;

    Direction(String policyType, String label) {
        this.policyType = policyType;
        this.label = label;
    }

    /** As {@code policyTypes} of a policy says it. */
    String policyType() {
        return policyType;
    }

    /** How names of chains and maps begin. */
    String label() {
        return label;
    }
}
