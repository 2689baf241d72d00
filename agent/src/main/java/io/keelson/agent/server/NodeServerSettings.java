package io.keelson.agent.server;

import io.keelson.controllers.manager.PortSettings;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How the node's server is reached.
 *
 * @param address where it listens; port 0 takes one that is free
 * @param port what it shows, and to whom
 * @param node the name of the node's object
 * @param anonymous whether who shows nothing is heard, as {@code system:anonymous} ({@code
 *     authentication.anonymous.enabled})
 * @param streamIdleMax how long streams may be silent ({@code streamingConnectionIdleTimeout})
 */
public record NodeServerSettings(
        InetSocketAddress address, PortSettings port, String node, boolean anonymous, Duration streamIdleMax) {
    private static final Duration STREAM_IDLE_MAX = Duration.ofHours(4);

    /** As it is without configuration. */
    public static NodeServerSettings of(InetSocketAddress address, PortSettings port, String node) {
        return new NodeServerSettings(address, port, node, false, STREAM_IDLE_MAX);
    }
}
