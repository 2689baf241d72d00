package io.keelson.apiserver.http.websocket;

import java.io.IOException;

/** The client does not keep to the protocol; the socket is to be closed with the code that says how. */
public final class WebSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int closeCode;

    WebSocketException(int closeCode, String message) {
        super(message);
        this.closeCode = closeCode;
    }

    /** As in RFC 6455, 7.4.1. */
    public int closeCode() {
        return closeCode;
    }
}
