package io.keelson.apiserver.proxy;

import java.util.Set;

/**
 * The agent of a node.
 *
 * @param destination where it listens
 * @param unverified the same, its certificate not looked at
 * @param features what it has declared that others must know of
 */
record Kubelet(Destination destination, Destination unverified, Set<String> features) {
    /** It understands WebSockets of clients, of every protocol and for all that is streamed. */
    private static final String WEB_SOCKETS = "ExtendWebSocketsToKubelet";

    boolean speaksWebSockets() {
        return features.contains(WEB_SOCKETS);
    }
}
