package io.keelson.apiserver.routing;

/**
 * What to connect to.
 *
 * @param host a name or an address, an IPv6 address without brackets
 */
public record Route(String host, int port) {
    /** As in URLs, with the port. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
