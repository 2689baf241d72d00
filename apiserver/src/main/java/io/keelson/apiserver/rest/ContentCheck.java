package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.validation.FieldErrors;
import org.jspecify.annotations.Nullable;

/** Decides whether who writes an object may write it with just this in it. */
@FunctionalInterface
interface ContentCheck {
    /** For what the server itself writes. */
    ContentCheck NONE = (_, _, _, _) -> {};

    /**
     * Called when plugins have changed the object, and nothing has been judged yet.
     *
     * @param object as it is to be stored
     * @param old what is there; null for a new one
     * @param errors receives what is wrong with single fields, which is said together with what is found wrong later
     * @throws ApiException Forbidden
     */
    void check(Write write, ObjectNode object, @Nullable ObjectNode old, FieldErrors errors)
            throws InterruptedException;
}
