package io.keelson.agent.join;

/** Why a cluster cannot be joined; the text says what is wrong, and what can be done. */
public final class JoinProblem extends Exception {
    private static final long serialVersionUID = 1;

    JoinProblem(String message) {
        super(message);
    }

    JoinProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
