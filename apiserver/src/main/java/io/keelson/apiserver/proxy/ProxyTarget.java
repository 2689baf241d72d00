package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;

/**
 * What the name in the path of a {@code proxy} request says: {@code name}, {@code name:port} or {@code scheme:name:port}.
 *
 * @param tls whether the scheme is {@code https}
 * @param port a number or a name; empty if none is said
 */
record ProxyTarget(boolean tls, String name, String port) {
    private static final int PORT_MAX = 65_535;

    /**
     * @param kind for the error: {@code pod}, {@code service}, {@code node}
     * @throws ApiException BadRequest
     */
    static ProxyTarget parse(String kind, String text) {
        String[] parts = text.split(":", -1);
        ProxyTarget target = switch (parts.length) {
            case 1 -> new ProxyTarget(false, parts[0], "");
            case 2 -> new ProxyTarget(false, parts[0], parts[1]);
            case 3 -> new ProxyTarget(parts[0].equals("https"), parts[1], parts[2]);
            default -> null;
        };
        boolean scheme = parts.length != 3 || parts[0].isEmpty() || parts[0].equals("http") || parts[0].equals("https");
        if (target == null || target.name().isEmpty() || !scheme) {
            throw ApiException.badRequest("invalid " + kind + " request \"" + text + "\"");
        }
        return target;
    }

    /** The port as a number; -1 if it is none. */
    int portNumber() {
        if (port.isEmpty() || port.length() > 5) {
            return -1;
        }
        for (int i = 0; i < port.length(); i++) {
            if (port.charAt(i) < '0' || port.charAt(i) > '9') {
                return -1;
            }
        }
        int number = Integer.parseInt(port);
        return number >= 1 && number <= PORT_MAX ? number : -1;
    }
}
