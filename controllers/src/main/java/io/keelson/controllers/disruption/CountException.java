package io.keelson.controllers.disruption;

import java.io.Serial;

/** A budget's pods cannot be counted, for a reason that its owner can mend; the message says which. */
final class CountException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    CountException(String message) {
        super(message);
    }
}
