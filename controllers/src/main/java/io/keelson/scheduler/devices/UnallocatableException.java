package io.keelson.scheduler.devices;

/** The claims of a pod cannot be allocated, on whichever node; the message says why, for users. */
final class UnallocatableException extends Exception {
    private static final long serialVersionUID = 1;

    UnallocatableException(String message) {
        super(message);
    }
}
