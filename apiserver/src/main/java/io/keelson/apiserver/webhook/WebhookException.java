package io.keelson.apiserver.webhook;

/** A call to a webhook that brought no answer to work with; the message is fit for the client whose request it was for. */
public final class WebhookException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean unusable;

    private WebhookException(String message, boolean unusable) {
        super(message, null, false, false);
        this.unusable = unusable;
    }

    /** The call was made, or tried. */
    static WebhookException failed(String message) {
        return new WebhookException(message, false);
    }

    /** No call was made: what is to be called is described in a way that nobody can use. */
    static WebhookException unusable(String message) {
        return new WebhookException(message, true);
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    /** Whether there was not even a call to be made. */
    public boolean isUnusable() {
        return unusable;
    }
}
