package io.keelson.raft.transport;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a member listens or is reached.
 *
 * @param host name or IP address, an IPv6 address without brackets
 * @param port 1 to 65535
 * @param tls whether the URL said {@code https}
 */
record PeerAddress(String host, int port, boolean tls) {
    /**
     * Reads {@code http://host:port} or {@code https://host:port}.
     *
     * @throws IllegalArgumentException naming the URL and what is wrong with it
     */
    static PeerAddress parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("peer URL \"" + url + "\" is malformed: " + e.getReason(), e);
        }
        boolean tls;
        if ("https".equals(uri.getScheme())) {
            tls = true;
        } else if ("http".equals(uri.getScheme())) {
            tls = false;
        } else {
            throw new IllegalArgumentException("peer URL \"" + url + "\" must begin with http:// or https://");
        }
        String host = uri.getHost();
        if (host == null || uri.getPort() <= 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("peer URL \"" + url + "\" must name a host and a port");
        }
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        return new PeerAddress(host, uri.getPort(), tls);
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
