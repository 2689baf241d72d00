package io.keelson.agent.claims;

/** Why a claim is not ready, or not taken back; it is tried again. */
final class ClaimProblem extends Exception {
    private static final long serialVersionUID = 1;

    ClaimProblem(String message) {
        super(message);
    }

    ClaimProblem(String message, Throwable cause) {
        super(message, cause);
    }

    String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
