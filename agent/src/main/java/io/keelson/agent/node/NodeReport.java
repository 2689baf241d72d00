package io.keelson.agent.node;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeFeatures;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandler;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandlerFeatures;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import io.fabric8.kubernetes.api.model.NodeSystemInfoBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says in the words of a node's status how a node does. No I/O. */
final class NodeReport {
    private static final long KIB = 1024;

    /** What pods, and changes to them, may use that older nodes do not know of; others have none that do. */
    static final List<String> DECLARED = List.of(
            "InPlacePodLevelResourcesVerticalScaling",
            "InPlacePodVerticalScalingInitContainers",
            "RestartAllContainersOnContainerExits");

    private final NodeSettings settings;
    private final MachineFacts machine;
    private final NodeSigns signs;

    NodeReport(NodeSettings settings, MachineFacts machine, NodeSigns signs) {
        this.settings = settings;
        this.machine = machine;
        this.signs = signs;
    }

    /**
     * What is to be reported.
     *
     * @param known the status as the API has it; conditions that are as they were keep their times
     */
    NodeStatus status(@Nullable NodeStatus known, Instant now) {
        Map<String, Quantity> capacity = capacity(known);
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(allocatable(capacity))
                .withConditions(conditions(known, now))
                .withAddresses(addresses())
                .withNodeInfo(info())
                .withImages(signs.images().stream()
                        .map(image -> new ContainerImage(new ArrayList<>(image.names()), image.bytes()))
                        .toList())
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(settings.port())
                .endDaemonEndpoints()
                .withVolumesInUse(new ArrayList<>(new TreeSet<>(signs.volumesInUse())))
                .withRuntimeHandlers(handlers())
                .withFeatures(new NodeFeatures(signs.runtime().supplementalGroupsPolicy()))
                .withDeclaredFeatures(DECLARED)
                .build();
    }

    /**
     * Whether two statuses say different things, whenever they said them; of the first one only what is reported
     * counts.
     */
    static boolean differ(@Nullable NodeStatus known, NodeStatus wanted) {
        return known == null
                || !contains(known.getCapacity(), wanted.getCapacity())
                || !contains(known.getAllocatable(), wanted.getAllocatable())
                || !new HashSet<>(OrEmpty.of(known.getAddresses())).equals(new HashSet<>(wanted.getAddresses()))
                || !Objects.equals(known.getNodeInfo(), wanted.getNodeInfo())
                || !OrEmpty.of(known.getImages()).equals(wanted.getImages())
                || !Objects.equals(known.getDaemonEndpoints(), wanted.getDaemonEndpoints())
                || !OrEmpty.of(known.getVolumesInUse()).equals(wanted.getVolumesInUse())
                || !OrEmpty.of(known.getRuntimeHandlers()).equals(wanted.getRuntimeHandlers())
                || !Objects.equals(known.getFeatures(), wanted.getFeatures())
                || !OrEmpty.of(known.getDeclaredFeatures()).equals(wanted.getDeclaredFeatures())
                || wanted.getConditions().stream().anyMatch(condition -> {
                    NodeCondition before = condition(known, condition.getType());
                    return before == null
                            || !before.getStatus().equals(condition.getStatus())
                            || !Objects.equals(before.getReason(), condition.getReason())
                            || !Objects.equals(before.getMessage(), condition.getMessage());
                });
    }

    private List<NodeRuntimeHandler> handlers() {
        List<NodeRuntimeHandler> handlers = new ArrayList<>();
        signs.runtime()
                .handlers()
                .forEach((name, can) -> handlers.add(new NodeRuntimeHandler(
                        new NodeRuntimeHandlerFeatures(can.recursiveReadOnlyMounts(), can.userNamespaces()),
                        // The usual one has none.
                        name.isEmpty() ? null : name)));
        return handlers;
    }

    private static boolean contains(@Nullable Map<String, Quantity> known, Map<String, Quantity> wanted) {
        return OrEmpty.of(known).entrySet().containsAll(wanted.entrySet());
    }

    /** A condition of a type; null if there is none. */
    static @Nullable NodeCondition condition(@Nullable NodeStatus status, String type) {
        if (status == null) {
            return null;
        }
        for (NodeCondition condition : OrEmpty.of(status.getConditions())) {
            if (condition.getType().equals(type)) {
                return condition;
            }
        }
        return null;
    }

    /** What the machine has, and what others have said that it has. */
    private Map<String, Quantity> capacity(@Nullable NodeStatus known) {
        Map<String, Quantity> capacity = new LinkedHashMap<>();
        if (known != null) {
            OrEmpty.of(known.getCapacity()).forEach((name, amount) -> {
                if (name.indexOf('/') > 0) {
                    capacity.put(name, amount);
                }
            });
        }
        capacity.put("cpu", new Quantity(Integer.toString(machine.cpus())));
        capacity.put("memory", kibibytes(machine.memoryBytes()));
        capacity.put("ephemeral-storage", kibibytes(machine.diskBytes()));
        capacity.put("pods", new Quantity(Integer.toString(settings.podsMax())));
        machine.hugepages().forEach((size, bytes) -> capacity.put("hugepages-" + pageSize(size), kibibytes(bytes)));
        signs.devices().capacity().forEach((name, count) -> capacity.put(name, number(count)));
        return capacity;
    }

    private Map<String, Quantity> allocatable(Map<String, Quantity> capacity) {
        NodeSettings.Reserve reserve = settings.reserve();
        long hugepages =
                machine.hugepages().values().stream().mapToLong(bytes -> bytes).sum();
        long disk = machine.diskBytes() - reserve.diskBytes() - (long) (machine.diskBytes() * reserve.diskPart());
        long millis = Math.max(0, machine.cpus() * 1000L - reserve.cpuMillis());
        Map<String, Quantity> allocatable = new LinkedHashMap<>(capacity);
        allocatable.put("cpu", new Quantity(millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m"));
        // Memory in huge pages is none for other uses.
        allocatable.put("memory", kibibytes(machine.memoryBytes() - reserve.memoryBytes() - hugepages));
        allocatable.put("ephemeral-storage", number(Math.max(0, disk)));
        signs.devices().allocatable().forEach((name, count) -> allocatable.put(name, number(count)));
        return allocatable;
    }

    private static Quantity number(long count) {
        return new Quantity(Long.toString(count));
    }

    private static Quantity kibibytes(long bytes) {
        return bytes > 0 ? new Quantity(bytes / KIB + "Ki") : new Quantity("0");
    }

    private static String pageSize(long bytes) {
        String[] units = {"", "Ki", "Mi", "Gi", "Ti"};
        int unit = 0;
        long size = bytes;
        while (size % KIB == 0 && size > 0 && unit < units.length - 1) {
            size /= KIB;
            unit++;
        }
        return size + units[unit];
    }

    private List<NodeAddress> addresses() {
        List<NodeAddress> addresses = new ArrayList<>();
        for (String address : settings.addresses()) {
            addresses.add(new NodeAddress(address, "InternalIP"));
        }
        addresses.add(new NodeAddress(settings.hostname(), "Hostname"));
        return addresses;
    }

    private NodeSystemInfo info() {
        return new NodeSystemInfoBuilder()
                .withArchitecture(machine.architecture())
                .withBootID(machine.bootId())
                .withContainerRuntimeVersion(signs.runtime().version())
                .withKernelVersion(machine.kernelVersion())
                .withKubeProxyVersion("")
                .withKubeletVersion(KubernetesVersion.NUMBER)
                .withMachineID(machine.machineId())
                .withOperatingSystem("linux")
                .withOsImage(machine.osImage())
                .withSystemUUID(machine.systemUuid())
                .withNewSwap(machine.swapBytes())
                .build();
    }

    private List<NodeCondition> conditions(@Nullable NodeStatus known, Instant now) {
        String problems = signs.problems().size() == 1
                ? signs.problems().getFirst()
                : "[" + String.join(", ", signs.problems()) + "]";
        boolean ready = signs.problems().isEmpty();
        return List.of(
                condition(
                        known,
                        now,
                        "MemoryPressure",
                        signs.memoryPressure(),
                        signs.memoryPressure() ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
                        "kubelet has " + (signs.memoryPressure() ? "insufficient" : "sufficient")
                                + " memory available"),
                condition(
                        known,
                        now,
                        "DiskPressure",
                        signs.diskPressure(),
                        signs.diskPressure() ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
                        "kubelet has " + (signs.diskPressure() ? "disk pressure" : "no disk pressure")),
                condition(
                        known,
                        now,
                        "PIDPressure",
                        signs.pidPressure(),
                        signs.pidPressure() ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
                        "kubelet has " + (signs.pidPressure() ? "insufficient" : "sufficient") + " PID available"),
                condition(
                        known,
                        now,
                        "Ready",
                        ready,
                        ready ? "KubeletReady" : "KubeletNotReady",
                        ready ? "kubelet is posting ready status" : problems));
    }

    private static NodeCondition condition(
            @Nullable NodeStatus known, Instant now, String type, boolean is, String reason, String message) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String status = is ? "True" : "False";
        NodeCondition before = condition(known, type);
        String since = time;
        if (before != null && status.equals(before.getStatus()) && before.getLastTransitionTime() != null) {
            since = before.getLastTransitionTime();
        }
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastHeartbeatTime(time)
                .withLastTransitionTime(since)
                .build();
    }
}
