package io.keelson.agent.certificates;

/** Why there is no certificate; the text says what a user can do about it. It may be asked for again. */
public final class CertificateProblem extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean settled;

    /** @param settled whether the request has come to nothing for good; another one may fare better */
    CertificateProblem(String message, boolean settled) {
        super(message);
        this.settled = settled;
    }

    CertificateProblem(String message, Throwable cause) {
        super(message, cause);
        settled = false;
    }

    /** Whether the request has come to nothing for good. */
    boolean settled() {
        return settled;
    }
}
