package io.keelson.agent.server;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request.
 *
 * @param path its parts between slashes, decoded; a part that has a slash in it is a name that nothing has
 * @param query all values by name
 * @param certificates that the client has shown, his own first
 */
record NodeRequest(
        String method,
        List<String> path,
        Map<String, List<String>> query,
        HttpHeaders headers,
        List<X509Certificate> certificates) {

    /** @throws IllegalArgumentException if its URL is none */
    static NodeRequest of(FullHttpRequest request, List<X509Certificate> certificates) {
        QueryStringDecoder url = new QueryStringDecoder(request.uri());
        List<String> path = new ArrayList<>();
        String raw = url.rawPath();
        if (!raw.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with a slash");
        }
        for (String part : raw.substring(1).split("/", -1)) {
            // In a path, a plus is a plus.
            path.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
        }
        if (path.size() > 1 && path.getLast().isEmpty()) {
            path.removeLast();
        }
        return new NodeRequest(
                request.method().name(),
                List.copyOf(path),
                url.parameters(),
                request.headers().copy(),
                certificates);
    }

    /** The first part of the path, which says what is asked for. */
    String first() {
        return path.getFirst();
    }

    /** The first value of a name; empty if there is none. */
    String value(String name) {
        return query.getOrDefault(name, List.of("")).getFirst();
    }

    /** Whether another protocol is to begin on this connection. */
    boolean wantsUpgrade() {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.contains(HttpHeaderNames.UPGRADE);
    }

    /** Whether that is a WebSocket. */
    boolean wantsWebSocket() {
        return wantsUpgrade() && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    /** The headers, as those want them who look for credentials. */
    Map<String, List<String>> allHeaders() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.forEach(header ->
                all.computeIfAbsent(header.getKey(), _ -> new ArrayList<>()).add(header.getValue()));
        return all;
    }
}
