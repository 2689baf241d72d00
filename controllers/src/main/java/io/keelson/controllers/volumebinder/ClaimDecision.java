package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import org.jspecify.annotations.Nullable;

/** What is to become of a claim. */
sealed interface ClaimDecision {
    /** It belongs to this volume: what is missing of the binding is written. */
    record Bind(PersistentVolume volume) implements ClaimDecision {}

    /** It has no volume yet. */
    record Wait(@Nullable Told told) implements ClaimDecision {}

    /** It had one, which is gone or another's; told when it becomes so. */
    record Lost(Told told) implements ClaimDecision {}

    /** It left its class open and there is a default by now. */
    record AssignClass(String name) implements ClaimDecision {}

    /** A provisioner is to make a volume. */
    record AskProvisioner(String name) implements ClaimDecision {}

    /** Nobody can make a volume. */
    record CannotProvision(Told told) implements ClaimDecision {}
}
