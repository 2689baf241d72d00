package io.keelson.apiserver.features;

/**
 * Something that Kubernetes can be told to have or not to have.
 *
 * @param here whether this server has it, unless it is told otherwise
 */
record FeatureGate(String name, Stage stage, boolean here, Switching switching) {
    /** How far the feature has come. */
    enum Stage {
        ALPHA,
        BETA,
        GA,
        DEPRECATED;

        /** As metrics name it: what everybody has is not named at all. */
        String label() {
            return this == GA ? "" : name();
        }
    }

    /** Who can switch it. */
    enum Switching {
        /** Nobody, in Kubernetes neither. */
        LOCKED,
        /** Nobody: this server does it one way. */
        FIXED,
        /** Anybody: this server does it either way. */
        EITHER,
        /** Anybody: it is for other components, and changes nothing here. */
        ELSEWHERE
    }
}
