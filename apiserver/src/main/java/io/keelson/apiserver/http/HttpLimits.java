package io.keelson.apiserver.http;

import java.time.Duration;

/**
 * What the server puts up with.
 *
 * @param connectionsMax open connections; one more is closed at once
 * @param targetBytesMax the target of a request line (HTTP/1.1); beyond it the answer is 414
 * @param headerBytesMax request line and header fields together; beyond it the answer is 431
 * @param headerFieldsMax header fields of a request (HTTP/1.1)
 * @param streamsMax requests under way at once on a connection of HTTP/2
 * @param resetsMax streams that a client may reset, or make the server reset, in half a minute on one connection
 * @param handshakeTimeout for TLS, from the first byte
 * @param headerTimeout for request line and header fields, from their first byte
 * @param idleTimeout how long a connection may be open without a request under way
 * @param bodyTimeout for a body that is read as a whole
 */
public record HttpLimits(
        int connectionsMax,
        int targetBytesMax,
        int headerBytesMax,
        int headerFieldsMax,
        int streamsMax,
        int resetsMax,
        Duration handshakeTimeout,
        Duration headerTimeout,
        Duration idleTimeout,
        Duration bodyTimeout) {
    public static final HttpLimits DEFAULT = new HttpLimits(
            20_000,
            256 << 10,
            1 << 20,
            1_000,
            250,
            3_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(32),
            Duration.ofSeconds(90),
            Duration.ofSeconds(60));

    public HttpLimits withConnectionsMax(int max) {
        return new HttpLimits(
                max,
                targetBytesMax,
                headerBytesMax,
                headerFieldsMax,
                streamsMax,
                resetsMax,
                handshakeTimeout,
                headerTimeout,
                idleTimeout,
                bodyTimeout);
    }

    public HttpLimits withStreamsMax(int max) {
        return new HttpLimits(
                connectionsMax,
                targetBytesMax,
                headerBytesMax,
                headerFieldsMax,
                max,
                resetsMax,
                handshakeTimeout,
                headerTimeout,
                idleTimeout,
                bodyTimeout);
    }

    public HttpLimits withResetsMax(int max) {
        return new HttpLimits(
                connectionsMax,
                targetBytesMax,
                headerBytesMax,
                headerFieldsMax,
                streamsMax,
                max,
                handshakeTimeout,
                headerTimeout,
                idleTimeout,
                bodyTimeout);
    }

    public HttpLimits withTimeouts(Duration handshake, Duration header, Duration idle, Duration body) {
        return new HttpLimits(
                connectionsMax,
                targetBytesMax,
                headerBytesMax,
                headerFieldsMax,
                streamsMax,
                resetsMax,
                handshake,
                header,
                idle,
                body);
    }
}
