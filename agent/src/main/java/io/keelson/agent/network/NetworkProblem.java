package io.keelson.agent.network;

/** Why the network of a sandbox is not as it should be. The text says what went wrong and, where a user can mend it, how. */
public final class NetworkProblem extends Exception {
    private static final long serialVersionUID = 1;

    public NetworkProblem(String message) {
        super(message);
    }

    public NetworkProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
