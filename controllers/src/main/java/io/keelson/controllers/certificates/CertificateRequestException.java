package io.keelson.controllers.certificates;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A request for a certificate that cannot be granted, whoever approved it; the text says why. */
final class CertificateRequestException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String text;

    CertificateRequestException(String text) {
        this(text, null);
    }

    CertificateRequestException(String text, @Nullable Throwable cause) {
        super(text, cause);
        this.text = text;
    }

    String text() {
        return text;
    }
}
