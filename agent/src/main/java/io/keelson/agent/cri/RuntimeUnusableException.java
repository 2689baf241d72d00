package io.keelson.agent.cri;

/** A runtime that cannot be used as it is: its socket is missing, nobody answers, or it speaks another protocol. */
public final class RuntimeUnusableException extends Exception {
    private static final long serialVersionUID = 1;

    /** What is wrong, and what to do. */
    public RuntimeUnusableException(String message) {
        super(message);
    }

    /** The same with what it comes from. */
    public RuntimeUnusableException(String message, Throwable cause) {
        super(message, cause);
    }
}
