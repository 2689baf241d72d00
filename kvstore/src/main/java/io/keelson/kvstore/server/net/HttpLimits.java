package io.keelson.kvstore.server.net;

/**
 * How much an HTTP client may ask for and how long it may take.
 *
 * @param connectionsMax connections of clients, over all listeners; a further one is closed at once
 * @param handshakeTimeoutMs for TLS, and again for the first bytes after it
 * @param requestTimeoutMs for a whole request to come in, headers and body
 * @param idleTimeoutMs for a connection to stay open between requests
 * @param headerBytesMax all headers of a request
 * @param bodyBytesMax the body of a request
 */
record HttpLimits(
        int connectionsMax,
        int handshakeTimeoutMs,
        int requestTimeoutMs,
        int idleTimeoutMs,
        int headerBytesMax,
        int bodyBytesMax) {
    /** @param requestBytesMax the largest request of the API, which in JSON is a third larger, and more */
    static HttpLimits forRequests(int connectionsMax, int requestBytesMax) {
        return new HttpLimits(connectionsMax, 10_000, 30_000, 120_000, 64 * 1024, (int)
                Math.min(Integer.MAX_VALUE - 1024, requestBytesMax * 2L + 64 * 1024));
    }
}
