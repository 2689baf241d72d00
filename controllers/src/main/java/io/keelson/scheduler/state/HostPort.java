package io.keelson.scheduler.state;

/**
 * A port of the node that a pod takes.
 *
 * @param address of the node; {@code 0.0.0.0} is all of them
 * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
 */
public record HostPort(String address, String protocol, int port) {
    private static final String ALL = "0.0.0.0";

    /** Whether two pods that take these cannot be on the same node. */
    public boolean conflictsWith(HostPort other) {
        return port == other.port
                && protocol.equals(other.protocol)
                && (address.equals(other.address) || address.equals(ALL) || other.address.equals(ALL));
    }
}
