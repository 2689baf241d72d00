package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.conditions.Compiled.Failure;
import io.keelson.apiserver.errors.Reason;
import org.jspecify.annotations.Nullable;

/** What a validation comes to. */
sealed interface Decision {
    /**
     * Nothing is against the write, or nobody minds that it could not be found out.
     *
     * @param failure why it could not; null if it could
     * @param nanos how long the attempt took; 0 if it was none
     */
    record Admit(@Nullable Failure failure, long nanos) implements Decision {}

    /**
     * Something is.
     *
     * @param message why
     * @param reason how clients are told
     * @param failure why it could not be found out whether something is; null if it could
     * @param nanos how long it took to find out
     */
    record Deny(String message, Reason reason, @Nullable Failure failure, long nanos) implements Decision {}

    /** Nothing is against the write. */
    Decision ADMIT = new Admit(null, 0);
}
