package io.keelson.apiserver.http;

import io.keelson.apiserver.request.Headers;

/**
 * Request line and header fields, understood.
 *
 * @param target as it was sent
 * @param keepAlive whether the connection is to stay open afterwards
 * @param contentLength bytes of the body; -1 if it is not said
 * @param chunked whether the body comes in chunks
 * @param expectsContinue whether the client waits for a word before it sends the body
 * @param http10 whether the client speaks HTTP/1.0
 */
record RequestHead(
        String method,
        String target,
        Headers headers,
        boolean keepAlive,
        long contentLength,
        boolean chunked,
        boolean expectsContinue,
        boolean http10) {
    boolean hasBody() {
        return chunked || contentLength > 0;
    }
}
