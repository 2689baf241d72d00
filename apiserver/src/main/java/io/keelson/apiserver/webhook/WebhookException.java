package io.keelson.apiserver.webhook;

/** A call to a webhook that brought no answer to work with; the message is fit for the client whose request it was for. */
public final class WebhookException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What a call that nobody has answered is counted as. */
    private static final int UNANSWERED = 503;

    /** What a call that was not made is counted as. */
    private static final int IMPOSSIBLE = 500;

    private final boolean unusable;
    private final int code;

    private WebhookException(String message, boolean unusable, int code) {
        super(message, null, false, false);
        this.unusable = unusable;
        this.code = code;
    }

    /** The call was made, or tried, and there is no answer that can be understood. */
    static WebhookException failed(String message) {
        return new WebhookException(message, false, UNANSWERED);
    }

    /** The call was answered with a status that says that it did not succeed. */
    static WebhookException refused(String message, int status) {
        return new WebhookException(message, false, status);
    }

    /** No call was made: what is to be called is described in a way that nobody can use. */
    static WebhookException unusable(String message) {
        return new WebhookException(message, true, IMPOSSIBLE);
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    /** The status of the answer; where there is none, 503, or 500 if no call was made. */
    public int code() {
        return code;
    }

    /** Whether there was not even a call to be made. */
    public boolean isUnusable() {
        return unusable;
    }
}
