package io.keelson.agent.environment;

/**
 * What a pod refers to cannot be had: a field that there is not, a key that an object lacks. The message goes to
 * users.
 */
public final class ReferenceException extends Exception {
    private static final long serialVersionUID = 1;

    /** With what is wrong. */
    public ReferenceException(String message) {
        super(message);
    }

    /** With what it comes from. */
    public ReferenceException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
