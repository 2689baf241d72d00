package io.keelson.apiserver.proxy;

import io.keelson.apiserver.request.Headers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which header fields pass through a proxy. Left behind is what is about one connection only (RFC 9110, 7.6.1, and what
 * {@code Connection} names), and, on the way to a backend, what the client has shown to be let in or to be taken for
 * somebody: {@code Authorization}, tokens among the protocols of a WebSocket, impersonation, and the headers of front
 * proxies.
 */
final class ForwardedHeaders {
    private static final Set<String> OF_CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    private static final Set<String> MADE_ANEW = Set.of("host", "content-length", "expect");

    private static final String PROTOCOLS = "Sec-WebSocket-Protocol";
    private static final String TOKEN_PROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private ForwardedHeaders() {}

    /** On the way to a backend. */
    static Map<String, List<String>> toBackend(Headers headers) {
        Set<String> named = named(headers.all("Connection"));
        Map<String, List<String>> forwarded = new LinkedHashMap<>();
        headers.fields().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean passes = !OF_CONNECTION.contains(lower)
                    && !named.contains(lower)
                    && !MADE_ANEW.contains(lower)
                    && !identifies(lower);
            if (passes && lower.equals(PROTOCOLS.toLowerCase(Locale.ROOT))) {
                List<String> protocols = withoutTokens(values);
                if (!protocols.isEmpty()) {
                    forwarded.put(PROTOCOLS, List.of(String.join(", ", protocols)));
                }
            } else if (passes) {
                forwarded.put(canonical(lower), List.copyOf(values));
            }
        });
        return forwarded;
    }

    /**
     * Whether a field, its name in lower case, says who the client is, or wants to be. There are backends to which an
     * underscore is as good as a dash.
     */
    static boolean identifies(String name) {
        String dashed = name.replace('_', '-');
        return dashed.equals("authorization") || dashed.startsWith("impersonate-") || dashed.startsWith("x-remote-");
    }

    /** On the way back. The length of a body stays, as it is the same body. */
    static Map<String, String> toClient(Map<String, List<String>> fields, boolean body) {
        List<String> connection = new ArrayList<>();
        fields.forEach((name, values) -> {
            if (name.equalsIgnoreCase("Connection")) {
                connection.addAll(values);
            }
        });
        Set<String> named = named(connection);
        Map<String, String> forwarded = new LinkedHashMap<>();
        fields.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean passes = !OF_CONNECTION.contains(lower) && !named.contains(lower);
            if (passes && (body || !lower.equals("content-length"))) {
                forwarded.put(canonical(lower), String.join(lower.equals("set-cookie") ? "\n" : ", ", values));
            }
        });
        return forwarded;
    }

    /** The protocols of a WebSocket but those that are tokens. */
    private static List<String> withoutTokens(List<String> values) {
        List<String> protocols = new ArrayList<>();
        for (String value : values) {
            for (String protocol : value.split(",", -1)) {
                if (!protocol.isBlank() && !protocol.trim().startsWith(TOKEN_PROTOCOL)) {
                    protocols.add(protocol.trim());
                }
            }
        }
        return protocols;
    }

    private static Set<String> named(List<String> connection) {
        Set<String> named = new HashSet<>();
        for (String value : connection) {
            for (String token : value.split(",", -1)) {
                named.add(token.trim().toLowerCase(Locale.ROOT));
            }
        }
        return named;
    }

    /** As HTTP/1.1 has names, since some backends know them in no other form: {@code X-Stream-Protocol-Version}. */
    private static String canonical(String lower) {
        StringBuilder name = new StringBuilder(lower.length());
        boolean first = true;
        for (int i = 0; i < lower.length(); i++) {
            char next = lower.charAt(i);
            name.append(first ? Character.toUpperCase(next) : next);
            first = next == '-';
        }
        return name.toString();
    }
}
