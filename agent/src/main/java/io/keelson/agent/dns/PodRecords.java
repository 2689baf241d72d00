package io.keelson.agent.dns;

import java.util.Locale;

/** Which pods have records of the kind {@code 10-1-2-3.namespace.pod}. */
public enum PodRecords {
    /** None: there are no such names. */
    DISABLED,
    /** All that could be, whether there is such a pod or not. */
    INSECURE,
    /** Those that are there; it takes the memory for all pods of the cluster. */
    VERIFIED;

    /** How settings write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
