package io.keelson.controllers.manager;

/**
 * Limits of Java's HTTPS server: it has none of its own, and takes them by properties, which it reads once. Anybody may
 * connect to a component's port, and a connection that says nothing costs a thread and a file.
 */
public final class PortLimits {
    private static final int CONNECTIONS_MAX = 512;
    private static final int EXCHANGE_SECONDS_MAX = 30;

    private PortLimits() {}

    /** Sets them, unless a user has; to be called before the first server is made. */
    public static void set() {
        limit("sun.net.httpserver.maxReqTime", EXCHANGE_SECONDS_MAX);
        limit("sun.net.httpserver.maxRspTime", EXCHANGE_SECONDS_MAX);
        limit("jdk.httpserver.maxConnections", CONNECTIONS_MAX);
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }
}
