package io.keelson.apiserver.object;

/**
 * Text that is not what it should be: JSON, YAML, a selector, a quantity, a time. The message is the one that the
 * Kubernetes API gives, fit to be sent to the client. Carries no stack trace: it is an answer, not a fault.
 */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message, null, false, false);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
