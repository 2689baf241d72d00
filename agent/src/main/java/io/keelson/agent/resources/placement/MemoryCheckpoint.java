package io.keelson.agent.resources.placement;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes and reads which memory containers have, in the kubelet's format of {@code memory_manager_state}. */
final class MemoryCheckpoint {
    static final String POLICY = "Static";

    private static final ObjectMapper JSON = new ObjectMapper();

    private MemoryCheckpoint() {}

    static String json(MemoryAccount account) {
        ObjectNode root = JSON.createObjectNode().put("policyName", POLICY);
        ObjectNode machine = root.putObject("machineState");
        account.nodes().forEach((number, node) -> {
            ObjectNode state = machine.putObject(number.toString()).put("numberOfAssignments", node.assignments());
            ObjectNode tables = state.putObject("memoryMap");
            node.tables()
                    .forEach((sort, table) -> tables.putObject(sort)
                            .put("total", table.total())
                            .put("systemReserved", table.system())
                            .put("allocatable", table.allocatable())
                            .put("reserved", table.reserved())
                            .put("free", table.free()));
            ArrayNode cells = state.putArray("cells");
            node.group().numbers().forEach(cells::add);
        });
        if (!account.blocks().isEmpty()) {
            ObjectNode entries = root.putObject("entries");
            account.blocks().forEach((pod, containers) -> {
                ObjectNode ofPod = entries.putObject(pod);
                containers.forEach((container, blocks) -> {
                    ArrayNode all = ofPod.putArray(container);
                    for (MemoryBlock block : blocks) {
                        ObjectNode one = all.addObject();
                        ArrayNode affinity = one.putArray("numaAffinity");
                        block.nodes().numbers().forEach(affinity::add);
                        one.put("type", block.sort()).put("size", block.bytes());
                    }
                });
            });
        }
        return root.put("checksum", checksum(POLICY, account)).toString();
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is damaged, or of another policy, in the kubelet's words
     */
    static MemoryAccount parse(String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("checkpoint is corrupted: not JSON: " + e.getOriginalMessage(), e);
        }
        Map<Integer, NodeMemory> nodes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> node : root.path("machineState").properties()) {
            nodes.put(number(node.getKey()), node(node.getValue()));
        }
        Map<String, Map<String, List<MemoryBlock>>> blocks = new TreeMap<>();
        for (Map.Entry<String, JsonNode> pod : root.path("entries").properties()) {
            Map<String, List<MemoryBlock>> containers = new TreeMap<>();
            for (Map.Entry<String, JsonNode> container : pod.getValue().properties()) {
                List<MemoryBlock> own = new ArrayList<>();
                for (JsonNode block : container.getValue()) {
                    own.add(new MemoryBlock(
                            set(block.path("numaAffinity")), block.path("type").asText(""), bytes(block.path("size"))));
                }
                containers.put(container.getKey(), own);
            }
            blocks.put(pod.getKey(), containers);
        }
        MemoryAccount account = new MemoryAccount(nodes, blocks);
        String policy = root.path("policyName").asText("");
        long checksum = root.path("checksum").asLong(0);
        // Without one it is from a time before there were any.
        if (checksum != 0 && checksum != checksum(policy, account)) {
            throw new IllegalArgumentException("checkpoint is corrupted");
        }
        if (!policy.equals(POLICY)) {
            throw new IllegalArgumentException("[memorymanager] configured policy \"" + POLICY
                    + "\" differs from state checkpoint policy \"" + policy + '"');
        }
        return account;
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException("checkpoint is corrupted: \"" + text + "\" is no NUMA node");
        }
        return Integer.parseInt(text);
    }

    private static NodeMemory node(JsonNode state) {
        Map<String, MemoryTable> tables = new TreeMap<>();
        for (Map.Entry<String, JsonNode> table : state.path("memoryMap").properties()) {
            MemoryTable read = new MemoryTable(
                    bytes(table.getValue().path("total")),
                    bytes(table.getValue().path("systemReserved")),
                    bytes(table.getValue().path("allocatable")),
                    bytes(table.getValue().path("reserved")));
            if (read.free() != bytes(table.getValue().path("free"))) {
                throw new IllegalArgumentException(
                        "[memorymanager] the expected machine state is different from the real one");
            }
            tables.put(table.getKey(), read);
        }
        return new NodeMemory(state.path("numberOfAssignments").asInt(0), tables, set(state.path("cells")));
    }

    private static NodeSet set(JsonNode numbers) {
        List<Integer> all = new ArrayList<>();
        numbers.forEach(number -> all.add(number.isInt() ? number.intValue() : -1));
        return NodeSet.of(all);
    }

    private static long bytes(JsonNode number) {
        if (!number.canConvertToExactIntegral() || !number.canConvertToLong() || number.longValue() < 0) {
            throw new IllegalArgumentException("checkpoint is corrupted: " + number + " is no number of bytes");
        }
        return number.longValue();
    }

    static long checksum(String policy, MemoryAccount account) {
        return GoChecksum.of("(*state.MemoryManagerCheckpoint){PolicyName:(string)" + policy
                + " MachineState:(state.NUMANodeMap)"
                + map(account.nodes().entrySet().stream().map(node -> node.getKey() + ":" + shown(node.getValue())))
                + " Entries:(state.ContainerMemoryAssignments)"
                + map(account.blocks().entrySet().stream()
                        .map(pod -> pod.getKey() + ":"
                                + map(pod.getValue().entrySet().stream()
                                        .map(container -> container.getKey() + ":" + shown(container.getValue())))))
                + " Checksum:(checksum.Checksum)0}");
    }

    private static String map(Stream<String> entries) {
        return entries.collect(Collectors.joining(" ", "map[", "]"));
    }

    private static String shown(NodeMemory node) {
        return "<*>{NumberOfAssignments:(int)" + node.assignments()
                + " MemoryMap:(map[v1.ResourceName]*state.MemoryTable)"
                + map(node.tables().entrySet().stream()
                        .map(table -> table.getKey() + ":<*>{TotalMemSize:(uint64)"
                                + table.getValue().total() + " SystemReserved:(uint64)"
                                + table.getValue().system() + " Allocatable:(uint64)"
                                + table.getValue().allocatable() + " Reserved:(uint64)"
                                + table.getValue().reserved() + " Free:(uint64)"
                                + table.getValue().free() + "}"))
                + " Cells:([]int)" + shown(node.group()) + "}";
    }

    private static String shown(List<MemoryBlock> blocks) {
        return blocks.stream()
                .map(block -> "{NUMAAffinity:([]int)" + shown(block.nodes()) + " Type:(v1.ResourceName)" + block.sort()
                        + " Size:(uint64)" + block.bytes() + "}")
                .collect(Collectors.joining(" ", "[", "]"));
    }

    private static String shown(NodeSet set) {
        return set.numbers().stream().map(String::valueOf).collect(Collectors.joining(" ", "[", "]"));
    }
}
