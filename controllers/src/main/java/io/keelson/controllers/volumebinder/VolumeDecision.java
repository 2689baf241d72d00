package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import org.jspecify.annotations.Nullable;

/** What is to become of a volume. */
sealed interface VolumeDecision {
    /** It is in this phase. */
    record InPhase(String phase) implements VolumeDecision {}

    /** Its claim does not name it yet, and has to be looked at. */
    record AskClaim() implements VolumeDecision {}

    /** It names a claim that it can never be bound to. */
    record Mismatch(PersistentVolumeClaim claim) implements VolumeDecision {}

    /** Its claim has another volume: it is free again. */
    record Unbind() implements VolumeDecision {}

    /**
     * Nobody claims it any more.
     *
     * @param failure why it cannot be reclaimed as it is to be; null if it is kept, or somebody else deletes it
     */
    record Release(@Nullable Told failure) implements VolumeDecision {}
}
