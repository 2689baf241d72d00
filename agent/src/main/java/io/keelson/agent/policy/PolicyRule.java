package io.keelson.agent.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One of the things that a policy allows: traffic with any of the peers at any of the ports.
 *
 * @param isAnyPeer whether it is allowed with everybody
 * @param peers pods
 * @param blocks addresses, in spans that do not touch
 * @param isAnyPort whether it is allowed at all ports, and for what has no ports
 * @param ports by their protocols
 */
record PolicyRule(
        boolean isAnyPeer,
        Set<PodPeer> peers,
        List<AddressSpan> blocks,
        boolean isAnyPort,
        Map<Protocol, Ports> ports) {
    /** Whether it allows nothing, as there is nobody or no port that it means. */
    boolean isVoid() {
        boolean isNobody = !isAnyPeer && peers.isEmpty() && blocks.isEmpty();
        return isNobody || (!isAnyPort && ports.isEmpty());
    }

    /**
     * Ports of a protocol.
     *
     * @param isAll whether all of them are meant
     * @param numbers ranges that do not touch
     * @param names what each pod that is reached gives a number
     */
    record Ports(boolean isAll, List<PortRange> numbers, Set<NamedPort> names) {}
}
