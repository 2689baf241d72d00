package io.keelson.apiserver.fairness;

import io.keelson.apiserver.resource.GroupResource;
import org.jspecify.annotations.Nullable;

/** What the cost of requests depends on. Any thread; must not wait for anything. */
public interface ObjectCounts {
    /**
     * What there is of a resource.
     *
     * @param bytes of all objects together
     */
    record Amount(int objects, long bytes) {
        /** How many bytes an object has; 0 if there is none. */
        long averageBytes() {
            return objects == 0 ? 0 : bytes / objects;
        }
    }

    /** What there is of a resource; null if that is not known. */
    @Nullable
    Amount amount(GroupResource resource);

    /**
     * How many watches are told of a change of an object.
     *
     * @param namespace empty for none
     * @param name empty if it is not known yet
     */
    int watches(GroupResource resource, String namespace, String name);
}
