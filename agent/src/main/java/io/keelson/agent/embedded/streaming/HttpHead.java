package io.keelson.agent.embedded.streaming;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The head of an HTTP/1.1 request.
 *
 * @param headers by names in small letters
 */
record HttpHead(String method, String target, Map<String, List<String>> headers) {
    private static final int BYTES_MAX = 16 << 10;

    /** @throws IOException if it is none, is too long, or does not come in time */
    static HttpHead read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 2) {
            int next = in.read();
            if (next < 0 || bytes.size() >= BYTES_MAX) {
                throw new IOException(next < 0 ? "the request ends early" : "the request's head is too long");
            }
            bytes.write(next);
            ends = next == '\n' ? ends + 1 : next == '\r' ? ends : 0;
        }
        String[] lines = bytes.toString(StandardCharsets.ISO_8859_1).split("\r?\n", -1);
        String[] first = lines.length == 0 ? new String[0] : lines[0].split(" ", -1);
        if (first.length != 3 || !first[2].startsWith("HTTP/1.")) {
            throw new IOException("this is no HTTP/1.1 request");
        }
        Map<String, List<String>> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(
                                lines[i].substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(lines[i].substring(colon + 1).strip());
            }
        }
        return new HttpHead(first[0], first[1], headers);
    }

    /** The values of a header that has a list, in their order. */
    List<String> list(String name) {
        List<String> values = new ArrayList<>();
        for (String line : headers.getOrDefault(name, List.of())) {
            for (String value : line.split(",", -1)) {
                if (!value.isBlank()) {
                    values.add(value.strip());
                }
            }
        }
        return values;
    }

    String first(String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst();
    }

    boolean wantsSpdy() {
        return first("upgrade").equalsIgnoreCase(SpdyConnection.PROTOCOL);
    }

    boolean wantsWebSocket() {
        return first("upgrade").equalsIgnoreCase("websocket")
                && !first("sec-websocket-key").isEmpty();
    }
}
