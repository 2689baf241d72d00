package io.keelson.scheduler.decision;

/** What a pod needs cannot be taken, or not be written; the message says why, for users. */
public final class ReservationException extends Exception {
    private static final long serialVersionUID = 1;

    /** Cannot be taken. */
    public ReservationException(String message) {
        super(message);
    }

    /** Cannot be written. */
    public ReservationException(String message, Throwable cause) {
        super(message, cause);
    }
}
