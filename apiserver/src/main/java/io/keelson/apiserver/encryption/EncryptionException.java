package io.keelson.apiserver.encryption;

import org.jspecify.annotations.Nullable;

/** The configuration of encryption cannot be used; the message says why. */
public final class EncryptionException extends Exception {
    private static final long serialVersionUID = 1L;

    EncryptionException(String message) {
        super(message);
    }

    EncryptionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
