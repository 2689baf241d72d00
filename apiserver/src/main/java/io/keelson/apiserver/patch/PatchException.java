package io.keelson.apiserver.patch;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;

/**
 * A patch that is well-formed but does not fit the object. The message says what does not fit, for logs and for those who
 * patch on behalf of others (webhooks, policies); a client that sent the patch is answered {@link #asAnswer()}.
 */
public final class PatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean failedTest;

    public PatchException(String message) {
        this(message, false);
    }

    private PatchException(String message, boolean failedTest) {
        super(message, null, false, false);
        this.failedTest = failedTest;
    }

    /** An operation {@code test} has found another value. */
    static PatchException ofTest(String path) {
        return new PatchException("testing value " + path + " failed: test failed", true);
    }

    /** Whether everything fits, but a value is another one than the patch is meant for. */
    public boolean isFailedTest() {
        return failedTest;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    /** 422 with the API's general text: the original does not tell clients what does not fit either. */
    public ApiException asAnswer() {
        return ApiException.of(Reason.INVALID, "the server rejected our request due to an error in our request");
    }
}
