package io.keelson.apiserver.cel.functions;

import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;

/** A function that gives no result for what it was given. The message is what the user reads. */
public final class FunctionFailure extends CelRuntimeException {
    private static final long serialVersionUID = 1L;

    private final String text;

    public FunctionFailure(String message) {
        super(new IllegalArgumentException(message), CelErrorCode.INVALID_ARGUMENT);
        this.text = message;
    }

    @Override
    public String getMessage() {
        return text;
    }
}
