package io.keelson.apiserver.egress;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/**
 * A proxy that connects on behalf of this server. Whatever is connected to through it is named to it as it was named here:
 * names are looked up by the proxy. Any thread.
 */
public interface EgressProxy extends AutoCloseable {
    /**
     * A connection through a proxy.
     *
     * @param socket what bytes go through
     * @param ground what that rests on; closing it cuts the connection and never waits
     */
    record Tunnel(Socket socket, Socket ground) {}

    /**
     * Connects.
     *
     * @param host a name or an address, an IPv6 address without brackets
     * @param timeout for all of it, until the proxy has answered
     * @throws IOException saying on the way to what it failed; nothing is left open then
     */
    Tunnel dial(String host, int port, Duration timeout) throws IOException;

    /** Gives up what is held for connections; those that are open may end. */
    @Override
    void close();

    /** Host and port as one text, as in URLs. */
    static String target(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
