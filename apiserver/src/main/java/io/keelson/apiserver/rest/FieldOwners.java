package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Writes down in an object who owns which of its fields. */
@FunctionalInterface
interface FieldOwners {
    /** Leaves an object as it is. */
    FieldOwners UNCHANGED = (old, object) -> {};

    /**
     * Sets {@code metadata.managedFields}.
     *
     * @param old the object as it was; null if there was none
     * @param object as it is to become; is changed
     */
    void set(@Nullable ObjectNode old, ObjectNode object);
}
