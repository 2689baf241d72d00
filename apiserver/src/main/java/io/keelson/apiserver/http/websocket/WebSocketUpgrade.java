package io.keelson.apiserver.http.websocket;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The handshake of a WebSocket (RFC 6455, 4.2). */
public final class WebSocketUpgrade {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;

    private WebSocketUpgrade() {}

    /** Talks to the client; on the thread of the request. When it returns, the socket is closed. */
    @FunctionalInterface
    public interface Session {
        /** @param protocol the one agreed on; empty for none */
        void run(WebSocket socket, String protocol) throws IOException, InterruptedException;
    }

    /** Whether the client wants a WebSocket. */
    public static boolean isWanted(ApiRequest request) {
        Headers headers = request.headers();
        return request.method().equals("GET")
                && tokens(headers.all("Upgrade")).contains("websocket")
                && tokens(headers.all("Connection")).contains("upgrade");
    }

    /**
     * Accepts.
     *
     * @param protocols that the server speaks, by their names; the empty one stands for clients that name none. The first
     *     that the client names is taken
     * @param messageBytesMax of a message from the client
     * @throws ApiException BadRequest if it is no proper handshake; Forbidden if there is no protocol that both speak
     */
    public static ApiResponse.Upgraded accept(
            ApiRequest request, List<String> protocols, int messageBytesMax, Session session) {
        if (!isWanted(request)) {
            throw ApiException.badRequest("not a websocket handshake");
        }
        Headers headers = request.headers();
        if (!headers.all("Sec-WebSocket-Version").equals(List.of(VERSION))) {
            throw ApiException.badRequest("unsupported websocket version").withHeader("Sec-WebSocket-Version", VERSION);
        }
        List<String> keys = headers.all("Sec-WebSocket-Key");
        if (keys.size() != 1 || !isKey(keys.getFirst())) {
            throw ApiException.badRequest("malformed Sec-WebSocket-Key");
        }
        String protocol = protocol(values(headers.all("Sec-WebSocket-Protocol")), protocols);
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("Upgrade", "websocket");
        answer.put("Sec-WebSocket-Accept", answerTo(keys.getFirst()));
        if (!protocol.isEmpty()) {
            answer.put("Sec-WebSocket-Protocol", protocol);
        }
        return new ApiResponse.Upgraded(answer, (in, out) -> {
            WebSocket socket = new WebSocket(in, out, messageBytesMax);
            try {
                session.run(socket, protocol);
                socket.close(WebSocket.NORMAL, "");
            } catch (WebSocketException e) {
                socket.close(e.closeCode(), Objects.requireNonNullElse(e.getMessage(), ""));
            }
        });
    }

    private static String protocol(List<String> wanted, List<String> spoken) {
        if (wanted.isEmpty() && spoken.contains("")) {
            return "";
        }
        for (String protocol : wanted) {
            if (spoken.contains(protocol)) {
                return protocol;
            }
        }
        throw ApiException.of(
                Reason.FORBIDDEN,
                "requested protocol(s) are not supported: [" + String.join(" ", wanted) + "]; supports ["
                        + String.join(" ", spoken) + "]");
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static String answerTo(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static List<String> values(List<String> fields) {
        List<String> values = new ArrayList<>();
        for (String field : fields) {
            for (String value : field.split(",", -1)) {
                if (!value.isBlank()) {
                    values.add(value.trim());
                }
            }
        }
        return values;
    }

    private static List<String> tokens(List<String> fields) {
        return values(fields).stream()
                .map(value -> value.toLowerCase(Locale.ROOT))
                .toList();
    }
}
