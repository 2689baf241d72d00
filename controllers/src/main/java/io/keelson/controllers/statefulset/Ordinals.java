package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;

/**
 * The ordinals that the pods of a set are to have.
 *
 * @param start the first
 * @param count how many
 */
record Ordinals(int start, int count) {
    /** Those that a set says: from {@code spec.ordinals.start}, or 0, as many as it wants replicas, or 1. */
    static Ordinals of(StatefulSet set) {
        Integer replicas = set.getSpec().getReplicas();
        int start = set.getSpec().getOrdinals() == null
                ? 0
                : OrEmpty.of(set.getSpec().getOrdinals().getStart());
        return new Ordinals(Math.max(0, start), replicas == null ? 1 : Math.max(0, replicas));
    }

    /** Whether an ordinal is one of them. */
    boolean contains(int ordinal) {
        return ordinal >= start && (long) ordinal - start < count;
    }
}
