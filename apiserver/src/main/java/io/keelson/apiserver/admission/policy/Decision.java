package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.errors.Reason;

/** What a validation comes to. */
sealed interface Decision {
    /** Nothing is against the write, or nobody minds that it could not be found out. */
    record Admit() implements Decision {}

    /**
     * Something is.
     *
     * @param message why
     * @param reason how clients are told
     */
    record Deny(String message, Reason reason) implements Decision {}

    Decision ADMIT = new Admit();
}
