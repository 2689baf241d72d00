package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a hollow node says of itself, as a kubelet would.
 *
 * @param index which of the simulation's nodes
 */
record HollowNode(HollowSettings settings, int index) {
    /** The label of all hollow nodes, by which a user finds them: {@code kubectl delete node -l keelson.io/hollow}. */
    static final String LABEL = "keelson.io/hollow";

    static final String LEASES = "kube-node-lease";
    private static final String VERSION = "v1.36.0";
    /** After how long without renewal a Lease says that its node is lost. */
    static final Duration LEASE_LASTS = Duration.ofSeconds(40);

    private static final int KUBELET_PORT = 10250;
    /** The first address of 172.16.0.0/12, of which each node has one. */
    private static final int ADDRESSES = (172 << 24) | (16 << 16);

    String name() {
        return settings.nodeName(index);
    }

    /** The node's own address. */
    String address() {
        int address = ADDRESSES + 1 + index;
        return ((address >>> 24) & 0xff)
                + "."
                + ((address >>> 16) & 0xff)
                + '.'
                + ((address >>> 8) & 0xff)
                + '.'
                + (address & 0xff);
    }

    Map<String, String> labels() {
        Map<String, String> labels = new HashMap<>(Map.of(
                LABEL,
                "true",
                "kubernetes.io/hostname",
                name(),
                "kubernetes.io/os",
                "linux",
                "kubernetes.io/arch",
                "amd64",
                "beta.kubernetes.io/os",
                "linux",
                "beta.kubernetes.io/arch",
                "amd64",
                "node.kubernetes.io/instance-type",
                "hollow"));
        if (settings.zones() > 0) {
            labels.put("topology.kubernetes.io/region", "hollow");
            labels.put("topology.kubernetes.io/zone", "zone-" + index % settings.zones());
        }
        return labels;
    }

    /** The whole node, as it is registered. */
    Node node(Instant now) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name())
                .withLabels(labels())
                .endMetadata()
                .withStatus(status(null, now))
                .build();
    }

    /**
     * Its status.
     *
     * @param before the one that it has: what is as it was is so since then; null if it has none
     */
    NodeStatus status(@Nullable NodeStatus before, Instant now) {
        Map<String, Quantity> capacity = new LinkedHashMap<>();
        settings.capacity().forEach((resource, amount) -> capacity.put(resource, new Quantity(amount)));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .addNewAddress(address(), "InternalIP")
                .addNewAddress(name(), "Hostname")
                .withConditions(conditions(before, now))
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(KUBELET_PORT)
                .endDaemonEndpoints()
                .withNewNodeInfo()
                .withArchitecture("amd64")
                .withBootID("hollow")
                .withContainerRuntimeVersion("hollow://1")
                .withKernelVersion("hollow")
                .withKubeProxyVersion(VERSION)
                .withKubeletVersion(VERSION)
                .withMachineID(name())
                .withOperatingSystem("linux")
                .withOsImage("hollow")
                .withSystemUUID(name())
                .endNodeInfo()
                .withDeclaredFeatures("RestartAllContainersOnContainerExits")
                .build();
    }

    private static List<NodeCondition> conditions(@Nullable NodeStatus before, Instant now) {
        return List.of(
                condition(
                        "MemoryPressure",
                        "False",
                        "KubeletHasSufficientMemory",
                        "kubelet has sufficient memory available",
                        before,
                        now),
                condition(
                        "DiskPressure",
                        "False",
                        "KubeletHasNoDiskPressure",
                        "kubelet has no disk pressure",
                        before,
                        now),
                condition(
                        "PIDPressure",
                        "False",
                        "KubeletHasSufficientPID",
                        "kubelet has sufficient PID available",
                        before,
                        now),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", before, now));
    }

    private static NodeCondition condition(
            String type, String status, String reason, String message, @Nullable NodeStatus before, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(time)
                .withLastTransitionTime(since(type, status, before, time))
                .build();
    }

    /** Since when a condition is as it is. */
    private static String since(String type, String status, @Nullable NodeStatus before, String now) {
        if (before != null) {
            for (NodeCondition condition : OrEmpty.of(before.getConditions())) {
                if (type.equals(condition.getType())
                        && status.equals(condition.getStatus())
                        && condition.getLastTransitionTime() != null) {
                    return condition.getLastTransitionTime();
                }
            }
        }
        return now;
    }

    /** Its Lease, renewed now. */
    Lease lease(String uid, Instant now) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(name())
                .withNamespace(LEASES)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(name())
                .withUid(uid)
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name())
                .withLeaseDurationSeconds(Math.toIntExact(LEASE_LASTS.toSeconds()))
                .withRenewTime(now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }
}
