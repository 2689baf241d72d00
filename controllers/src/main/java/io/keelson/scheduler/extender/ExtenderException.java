package io.keelson.scheduler.extender;

/** An extender gave no answer, or none that makes sense; the message says which and why, for users. */
public final class ExtenderException extends Exception {
    private static final long serialVersionUID = 1;

    /** Its answer makes no sense, or says no. */
    public ExtenderException(String message) {
        super(message);
    }

    /** It did not answer. */
    public ExtenderException(String message, Throwable cause) {
        super(message, cause);
    }
}
