package io.keelson.apiserver.http;

import io.keelson.apiserver.request.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the header fields of HTTP/1.1 say about the connection and the body, where anything ambiguous is refused. */
final class RequestFraming {
    private static final int LENGTH_DIGITS_MAX = 18;

    private RequestFraming() {}

    /** @param fields with names in lower case */
    static RequestHead understand(String method, String target, Map<String, List<String>> fields, boolean http10)
            throws MalformedRequestException {
        checkHost(fields.getOrDefault("host", List.of()), http10);
        boolean chunked = chunked(fields.getOrDefault("transfer-encoding", List.of()), http10);
        List<String> lengths = fields.getOrDefault("content-length", List.of());
        if (chunked && !lengths.isEmpty()) {
            throw MalformedRequestException.badRequest("both Transfer-Encoding and Content-Length");
        }
        long length = contentLength(lengths);
        boolean expects = expectsContinue(fields.getOrDefault("expect", List.of()));
        List<String> connection = fields.getOrDefault("connection", List.of());
        boolean keepAlive = http10 ? has(connection, "keep-alive") : !has(connection, "close");
        return new RequestHead(
                method, target, new Headers(fields), keepAlive, length, chunked, expects && !http10, http10);
    }

    private static void checkHost(List<String> hosts, boolean http10) throws MalformedRequestException {
        if (hosts.size() > 1) {
            throw MalformedRequestException.badRequest("too many Host headers");
        }
        if (hosts.isEmpty() && !http10) {
            throw MalformedRequestException.badRequest("missing required Host header");
        }
        for (String host : hosts) {
            if (!isHost(host)) {
                throw MalformedRequestException.badRequest("malformed Host header");
            }
        }
    }

    /** Whether it has only the characters of hosts and ports (RFC 3986, 3.2). */
    static boolean isHost(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!alphanumeric && "-._~%!$&'()*+,;=:[]".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean chunked(List<String> encodings, boolean http10) throws MalformedRequestException {
        if (encodings.isEmpty()) {
            return false;
        }
        if (http10) {
            throw MalformedRequestException.badRequest("Transfer-Encoding in HTTP/1.0");
        }
        if (encodings.size() > 1 || !encodings.getFirst().equalsIgnoreCase("chunked")) {
            throw new MalformedRequestException(501, "unsupported transfer encoding");
        }
        return true;
    }

    private static long contentLength(List<String> lengths) throws MalformedRequestException {
        if (lengths.isEmpty()) {
            return -1;
        }
        String text = lengths.getFirst();
        boolean digits = !text.isEmpty() && text.length() <= LENGTH_DIGITS_MAX;
        for (int i = 0; i < text.length() && digits; i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (lengths.size() > 1 || !digits) {
            throw MalformedRequestException.badRequest("malformed Content-Length");
        }
        return Long.parseLong(text);
    }

    private static boolean expectsContinue(List<String> expectations) throws MalformedRequestException {
        for (String expectation : expectations) {
            if (!expectation.equalsIgnoreCase("100-continue")) {
                throw new MalformedRequestException(417, "unknown expectation");
            }
        }
        return !expectations.isEmpty();
    }

    private static boolean has(List<String> values, String token) {
        for (String value : values) {
            for (String part : value.split(",", -1)) {
                if (part.trim().toLowerCase(Locale.ROOT).equals(token)) {
                    return true;
                }
            }
        }
        return false;
    }
}
