package io.keelson.scheduler.devices.selectors;

/** An expression that does not compile, or that says neither yes nor no of a device; the message says why, for users. */
public final class SelectorException extends Exception {
    private static final long serialVersionUID = 1;

    SelectorException(String message) {
        super(message);
    }
}
