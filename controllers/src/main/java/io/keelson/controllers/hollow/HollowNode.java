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
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    private static final int LEASE_SECONDS = 40;
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
                .withStatus(status(now, now))
                .build();
    }

    /**
     * Its status.
     *
     * @param since when it came up
     */
    NodeStatus status(Instant since, Instant now) {
        Map<String, Quantity> capacity = new LinkedHashMap<>();
        settings.capacity().forEach((resource, amount) -> capacity.put(resource, new Quantity(amount)));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .addNewAddress(address(), "InternalIP")
                .addNewAddress(name(), "Hostname")
                .withConditions(conditions(since, now))
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
                .build();
    }

    private static List<NodeCondition> conditions(Instant since, Instant now) {
        return List.of(
                condition(
                        "MemoryPressure",
                        "False",
                        "KubeletHasSufficientMemory",
                        "kubelet has sufficient memory available",
                        since,
                        now),
                condition(
                        "DiskPressure",
                        "False",
                        "KubeletHasNoDiskPressure",
                        "kubelet has no disk pressure",
                        since,
                        now),
                condition(
                        "PIDPressure",
                        "False",
                        "KubeletHasSufficientPID",
                        "kubelet has sufficient PID available",
                        since,
                        now),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", since, now));
    }

    private static NodeCondition condition(
            String type, String status, String reason, String message, Instant since, Instant now) {
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .withLastTransitionTime(since.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
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
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }
}
