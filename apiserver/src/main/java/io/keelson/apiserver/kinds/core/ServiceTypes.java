package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What services of each type have: addresses, ports of nodes, health checks; and what becomes of these in changes. */
public final class ServiceTypes {
    private ServiceTypes() {}

    public static boolean isHeadless(JsonNode spec) {
        return spec.path("clusterIPs").size() == 1
                && spec.path("clusterIPs").get(0).asText().equals("None");
    }

    /** Whether it is to have an address within the cluster (or none, as {@code None}). */
    public static boolean hasAddress(JsonNode spec) {
        return List.of("ClusterIP", "NodePort", "LoadBalancer")
                .contains(spec.path("type").asText());
    }

    /** Whether it has ports on every node; for load balancers that can be turned off. */
    public static boolean hasNodePorts(JsonNode spec) {
        String type = spec.path("type").asText();
        return type.equals("NodePort")
                || (type.equals("LoadBalancer")
                        && spec.path("allocateLoadBalancerNodePorts").asBoolean(true));
    }

    /** Whether load balancers have to find out which nodes have pods of it. */
    public static boolean hasHealthCheck(JsonNode spec) {
        return isLoadBalancer(spec)
                && spec.path("externalTrafficPolicy").asText().equals("Local");
    }

    static boolean isLoadBalancer(JsonNode spec) {
        return spec.path("type").asText().equals("LoadBalancer");
    }

    static boolean isExternallyAccessible(JsonNode spec) {
        String type = spec.path("type").asText();
        return type.equals("LoadBalancer")
                || type.equals("NodePort")
                || (type.equals("ClusterIP") && !spec.path("externalIPs").isEmpty());
    }

    /** Takes over what was given out before and the client did not repeat. */
    static void keepAllocated(ObjectNode spec, ObjectNode old) {
        if (hasAddress(spec) && hasAddress(old)) {
            addresses(spec, old);
        }
        if (hasNodePorts(spec) && hasNodePorts(old)) {
            nodePorts(spec, old);
        }
        if (hasHealthCheck(spec)
                && hasHealthCheck(old)
                && spec.path("healthCheckNodePort").asLong() == 0) {
            Fill.copy(old, spec, "healthCheckNodePort");
        }
    }

    /** The first address stands in a field of its own too; whichever of both was changed counts. */
    private static void addresses(ObjectNode spec, ObjectNode old) {
        String address = spec.path("clusterIP").asText("");
        String before = old.path("clusterIP").asText("");
        boolean listMissing = spec.path("clusterIPs").isEmpty();
        boolean listUnchanged = SemanticEquality.equal(spec.path("clusterIPs"), old.path("clusterIPs"));
        if (address.isEmpty() && (listMissing || listUnchanged)) {
            Fill.copy(old, spec, "clusterIP");
            Fill.copy(old, spec, "clusterIPs");
        } else if (address.isEmpty()) {
            spec.put("clusterIP", spec.path("clusterIPs").path(0).asText(""));
        } else if (listMissing && address.equals(before)) {
            Fill.copy(old, spec, "clusterIPs");
        } else if (listMissing || (listUnchanged && !address.equals(before))) {
            spec.putArray("clusterIPs").add(address);
        }
    }

    private static void nodePorts(ObjectNode spec, ObjectNode old) {
        Map<String, Long> known = new HashMap<>();
        old.path("ports")
                .forEach(port -> known.put(key(port), port.path("nodePort").asLong()));
        Set<Long> used = new HashSet<>();
        spec.path("ports").forEach(port -> used.add(port.path("nodePort").asLong()));
        for (ObjectNode port : Fill.objects(spec.path("ports"))) {
            long before = known.getOrDefault(key(port), 0L);
            if (port.path("nodePort").asLong() == 0 && before != 0 && used.add(before)) {
                port.put("nodePort", before);
            }
        }
    }

    private static String key(JsonNode port) {
        return port.path("protocol").asText("") + "/" + port.path("port").asLong();
    }

    /** Drops what does not go with the new type, if the client has left it as it was. */
    static void dropUnfit(ObjectNode spec, ObjectNode old) {
        drop(spec, old, ServiceTypes::hasAddress, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
        if (hasNodePorts(old) && !hasNodePorts(spec) && sameNodePorts(spec, old)) {
            Fill.objects(spec.path("ports")).forEach(port -> port.remove("nodePort"));
        }
        drop(spec, old, ServiceTypes::hasHealthCheck, "healthCheckNodePort");
        drop(spec, old, ServiceTypes::isLoadBalancer, "allocateLoadBalancerNodePorts", "loadBalancerClass");
        drop(spec, old, ServiceTypes::isExternallyAccessible, "externalTrafficPolicy");
    }

    private static void drop(ObjectNode spec, ObjectNode old, Predicate<JsonNode> has, String... fields) {
        if (has.test(old) && !has.test(spec)) {
            for (String field : fields) {
                if (SemanticEquality.equal(spec.path(field), old.path(field))) {
                    spec.remove(field);
                }
            }
        }
    }

    private static boolean sameNodePorts(ObjectNode spec, ObjectNode old) {
        Set<Long> before = new HashSet<>();
        old.path("ports").forEach(port -> before.add(port.path("nodePort").asLong()));
        return spec.path("ports")
                .valueStream()
                .map(port -> port.path("nodePort").asLong())
                .allMatch(port -> port == 0 || before.contains(port));
    }
}
