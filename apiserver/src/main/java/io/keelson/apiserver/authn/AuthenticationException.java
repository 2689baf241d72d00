package io.keelson.apiserver.authn;

/**
 * Somebody showed who they are, and it does not hold: a token that has expired, a certificate of a stranger. The message
 * says why, for the log and for token reviews; it never holds any part of a token. The client is told "Unauthorized".
 */
public final class AuthenticationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Remarks remarks;

    public AuthenticationException(String message) {
        this(message, Remarks.NONE);
    }

    /** @param remarks on what was shown */
    AuthenticationException(String message, Remarks remarks) {
        super(message, null, false, false);
        this.remarks = remarks;
    }

    Remarks remarks() {
        return remarks;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
