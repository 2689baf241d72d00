package io.keelson.kvstore.client;

import org.jspecify.annotations.Nullable;

/**
 * Where one server listens.
 *
 * @param text as it was given
 * @param scheme {@code http}, {@code https}, {@code unix}, {@code unixs}, or null when none was given
 * @param host host name or address, without brackets; empty for a Unix socket
 * @param port 0 for a Unix socket
 * @param path path of a Unix socket, otherwise empty
 */
record Endpoint(String text, @Nullable String scheme, String host, int port, String path) {
    private static final int PORT_OF_HTTPS = 443;
    private static final int PORT_OF_HTTP = 80;

    static Endpoint parse(String text) {
        int mark = text.indexOf("://");
        String scheme = mark < 0 ? null : text.substring(0, mark);
        String rest = mark < 0 ? text : text.substring(mark + 3);
        if ("unix".equals(scheme) || "unixs".equals(scheme)) {
            return new Endpoint(text, scheme, "", 0, rest);
        }
        int slash = rest.indexOf('/');
        String address = slash < 0 ? rest : rest.substring(0, slash);
        int colon = address.lastIndexOf(':');
        boolean hasPort = colon >= 0 && address.indexOf(']', colon) < 0;
        String host = hasPort ? address.substring(0, colon) : address;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = "http".equals(scheme) ? PORT_OF_HTTP : PORT_OF_HTTPS;
        if (hasPort) {
            try {
                port = Integer.parseInt(address.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("endpoint \"" + text + "\" has no usable port", e);
            }
        }
        return new Endpoint(text, scheme, host.isEmpty() ? "localhost" : host, port, "");
    }

    boolean isSocketFile() {
        return !path.isEmpty();
    }

    /** Whether the connection is secured, given whether the client has TLS at all. */
    boolean secured(boolean clientHasTls) {
        if (scheme == null) {
            return clientHasTls;
        }
        return scheme.equals("https") || scheme.equals("unixs");
    }

    /** What the server is called in requests and certificates. */
    String authority() {
        if (isSocketFile()) {
            return "localhost";
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Whether the host is an address that needs no name lookup. */
    boolean isNumeric() {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if ((c < '0' || c > '9') && c != '.') {
                return false;
            }
        }
        return true;
    }
}
