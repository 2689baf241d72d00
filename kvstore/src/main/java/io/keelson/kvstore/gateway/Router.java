package io.keelson.kvstore.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds who answers a path; checks host names and origins first, as {@code --host-whitelist} and {@code --cors} say. Made
 * at start and not changed afterwards.
 */
public final class Router implements HttpHandler {
    private static final Map<String, String> TEXT =
            Map.of("content-type", "text/plain; charset=utf-8", "x-content-type-options", "nosniff");

    // Pages of strangers may have their own name lead to this machine, and so reach it with a browser's help.
    private static final String UNKNOWN_HOST = """
            The host that this request names in its Host header is not one that this server answers for over plaintext.
            Use https, or start the server with a --host-whitelist that contains that name.
            It keeps web pages from reaching the server by DNS rebinding (CVE-2018-5702).
            """;

    private final Map<String, HttpHandler> exact = new LinkedHashMap<>();
    private final List<Map.Entry<String, HttpHandler>> prefixes = new ArrayList<>();
    private final List<String> cors;
    private final List<String> hosts;

    /**
     * @param cors origins that may ask, empty or {@code *} for any
     * @param hosts host names that may be asked for over plaintext, empty or {@code *} for any
     */
    public Router(List<String> cors, List<String> hosts) {
        this.cors = List.copyOf(cors);
        this.hosts = List.copyOf(hosts);
    }

    /** Sends a path to a handler. */
    public Router at(String path, HttpHandler handler) {
        exact.put(path, handler);
        return this;
    }

    /** Sends everything under a path that has no handler of its own to a handler. */
    public Router under(String prefix, HttpHandler handler) {
        prefixes.add(Map.entry(prefix, handler));
        return this;
    }

    @Override
    public void handle(HttpExchange exchange) {
        if (!exchange.secure() && !hostAllowed(exchange.header("host"))) {
            respondText(exchange, 421, UNKNOWN_HOST);
            return;
        }
        HttpExchange answered = exchange;
        String allowed = allowedOrigin(exchange.header("origin"));
        if (allowed != null) {
            Map<String, String> added = Map.of(
                    "access-control-allow-methods", "POST, GET, OPTIONS, PUT, DELETE",
                    "access-control-allow-origin", allowed,
                    "access-control-allow-headers", "accept, content-type, authorization");
            answered = new AddingHeaders(exchange, added);
        }
        if (exchange.method().equals("OPTIONS")) {
            answered.respond(200, Map.of(), new byte[0]);
            return;
        }
        HttpHandler handler = find(exchange.path());
        if (handler == null) {
            respondText(answered, 404, "404 page not found\n");
        } else {
            handler.handle(answered);
        }
    }

    private @Nullable HttpHandler find(String path) {
        HttpHandler handler = exact.get(path);
        if (handler != null) {
            return handler;
        }
        for (Map.Entry<String, HttpHandler> prefix : prefixes) {
            if (path.startsWith(prefix.getKey())) {
                return prefix.getValue();
            }
        }
        return null;
    }

    /** What is answered to a request from an origin; null if it is none that may ask. */
    private @Nullable String allowedOrigin(@Nullable String origin) {
        if (cors.isEmpty() || cors.contains("*")) {
            return "*";
        }
        return origin != null && cors.contains(origin) ? origin : null;
    }

    private boolean hostAllowed(@Nullable String header) {
        if (hosts.isEmpty() || hosts.contains("*")) {
            return true;
        }
        if (header == null) {
            return false;
        }
        String host = header;
        int colon = host.lastIndexOf(':');
        if (colon >= 0 && !host.endsWith("]")) {
            host = host.substring(0, colon);
        }
        return hosts.contains(host.toLowerCase(Locale.ROOT));
    }

    static void respondText(HttpExchange exchange, int status, String text) {
        exchange.respond(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    static void respondJson(HttpExchange exchange, int status, String json) {
        exchange.respond(status, Map.of("content-type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers 405 unless the method is the one allowed. */
    static boolean allowsOnly(HttpExchange exchange, String method) {
        if (exchange.method().equals(method)) {
            return true;
        }
        exchange.respond(
                405,
                Map.of("content-type", "text/plain; charset=utf-8", "allow", method),
                "Method Not Allowed\n".getBytes(StandardCharsets.UTF_8));
        return false;
    }

    /** An exchange whose answers carry further headers. */
    private record AddingHeaders(HttpExchange inner, Map<String, String> added) implements HttpExchange {
        @Override
        public String method() {
            return inner.method();
        }

        @Override
        public String path() {
            return inner.path();
        }

        @Override
        public Map<String, List<String>> query() {
            return inner.query();
        }

        @Override
        public @Nullable String header(String name) {
            return inner.header(name);
        }

        @Override
        public byte[] body() {
            return inner.body();
        }

        @Override
        public boolean secure() {
            return inner.secure();
        }

        @Override
        public void respond(int status, Map<String, String> headers, byte[] body) {
            inner.respond(status, with(headers), body);
        }

        @Override
        public Pieces respondInPieces(int status, Map<String, String> headers) {
            return inner.respondInPieces(status, with(headers));
        }

        @Override
        public void onClosed(Runnable action) {
            inner.onClosed(action);
        }

        private Map<String, String> with(Map<String, String> headers) {
            Map<String, String> all = new LinkedHashMap<>(added);
            all.putAll(headers);
            return all;
        }
    }
}
