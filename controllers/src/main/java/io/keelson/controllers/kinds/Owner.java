package io.keelson.controllers.kinds;

import org.jspecify.annotations.Nullable;

/**
 * A reference to an owner, as it stands in an object.
 *
 * @param controller null if it does not say
 * @param blockOwnerDeletion null if it does not say
 */
public record Owner(
        String apiVersion,
        String kind,
        String name,
        String uid,
        @Nullable Boolean controller,
        @Nullable Boolean blockOwnerDeletion) {
    /** Whether the owner, deleted in the foreground, waits for the object. */
    public boolean blocks() {
        return Boolean.TRUE.equals(blockOwnerDeletion);
    }

    /** The same, but the owner does not wait. */
    public Owner unblocked() {
        return blocks() ? new Owner(apiVersion, kind, name, uid, controller, false) : this;
    }
}
