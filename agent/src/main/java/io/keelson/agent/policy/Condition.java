package io.keelson.agent.policy;

import java.util.List;

/** What has to be so of a packet for a rule to mean it. The peer is who is not the pod that is isolated. */
sealed interface Condition {
    /** The peer's address is in a set. */
    record InSet(boolean isV6, String set) implements Condition {}

    /** The peer's address is in one of these spans, all of one family. */
    record InSpans(boolean isV6, List<AddressSpan> spans) implements Condition {}

    /** It is for one of these ports of a protocol. */
    record AtPorts(Protocol protocol, List<PortRange> ports) implements Condition {}

    /** It is of a protocol. */
    record OfProtocol(Protocol protocol) implements Condition {}

    /** It is for an address and a port of it that are in a set. */
    record AtNamedPort(boolean isV6, Protocol protocol, String set) implements Condition {}
}
