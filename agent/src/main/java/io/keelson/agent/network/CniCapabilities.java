package io.keelson.agent.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is asked of plugins for one sandbox, by the names of the conventions that they say which of they know. */
final class CniCapabilities {
    private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
    private static final String EGRESS = "kubernetes.io/egress-bandwidth";
    private static final BigDecimal BURST = BigDecimal.valueOf(Integer.MAX_VALUE);

    private CniCapabilities() {}

    /**
     * All that is known of a sandbox: port maps, bandwidths, whom it asks for names, its cgroup, and the ranges of the node.
     *
     * @param ranges the node's {@code spec.podCIDRs}
     * @throws NetworkProblem if an annotation is no bandwidth
     */
    static ObjectNode of(SandboxAttachment sandbox, List<String> ranges) throws NetworkProblem {
        ObjectNode all = CniConfiguration.JSON.createObjectNode();
        if (!sandbox.ports().isEmpty()) {
            ArrayNode ports = all.putArray("portMappings");
            for (SandboxAttachment.PortMap port : sandbox.ports()) {
                ports.addObject()
                        .put("hostPort", port.hostPort())
                        .put("containerPort", port.containerPort())
                        .put("protocol", port.protocol())
                        .put("hostIP", port.hostIp());
            }
        }
        BigDecimal ingress = bandwidth(sandbox, INGRESS);
        BigDecimal egress = bandwidth(sandbox, EGRESS);
        if (ingress != null || egress != null) {
            ObjectNode bandwidth = all.putObject("bandwidth");
            put(bandwidth, "ingress", ingress);
            put(bandwidth, "egress", egress);
        }
        SandboxAttachment.Dns dns = sandbox.dns();
        if (!dns.servers().isEmpty()
                || !dns.searches().isEmpty()
                || !dns.options().isEmpty()) {
            ObjectNode asked = all.putObject("dns");
            putAll(asked, "servers", dns.servers());
            putAll(asked, "searches", dns.searches());
            putAll(asked, "options", dns.options());
        }
        if (!ranges.isEmpty()) {
            ArrayNode sets = all.putArray("ipRanges");
            ranges.forEach(range -> sets.addArray().addObject().put("subnet", range));
        }
        if (!sandbox.cgroupParent().isEmpty()) {
            all.put("cgroupPath", sandbox.cgroupParent());
        }
        return all;
    }

    private static void putAll(ObjectNode asked, String name, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode list = asked.putArray(name);
            values.forEach(list::add);
        }
    }

    private static void put(ObjectNode bandwidth, String way, @Nullable BigDecimal bits) {
        if (bits != null) {
            bandwidth.put(way + "Rate", bits.toBigInteger());
            // As much as plugins take at all, so that only the rate is held.
            bandwidth.put(way + "Burst", BURST.toBigInteger());
        }
    }

    private static @Nullable BigDecimal bandwidth(SandboxAttachment sandbox, String annotation) throws NetworkProblem {
        String text = sandbox.annotations().get(annotation);
        if (text == null) {
            return null;
        }
        try {
            BigDecimal bits = Quantity.getAmountInBytes(Quantity.parse(text));
            // Less than a kilobit is nothing, more than a petabit is no network's.
            if (bits.compareTo(BigDecimal.valueOf(1_000)) >= 0
                    && bits.compareTo(BigDecimal.valueOf(1_000_000_000_000_000L)) <= 0) {
                return bits;
            }
        } catch (IllegalArgumentException e) {
            throw new NetworkProblem("the annotation " + annotation + "=" + text + " is no bandwidth", e);
        }
        throw new NetworkProblem("the annotation " + annotation + "=" + text + " is not between 1k and 1P");
    }
}
