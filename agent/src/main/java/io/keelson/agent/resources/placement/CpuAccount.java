package io.keelson.agent.resources.placement;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who has which processors; in the kubelet's format of {@code cpu_manager_state}.
 *
 * @param policy {@code static}
 * @param shared those that belong to nobody alone
 * @param exclusive those of containers alone, by the uid of the pod and the name of the container
 */
record CpuAccount(String policy, CpuSet shared, Map<String, Map<String, CpuSet>> exclusive) {
    static final String POLICY = "static";

    private static final ObjectMapper JSON = new ObjectMapper();

    CpuAccount {
        Map<String, Map<String, CpuSet>> copy = new TreeMap<>();
        exclusive.forEach((pod, containers) -> copy.put(pod, new TreeMap<>(containers)));
        exclusive = copy;
    }

    String json() {
        ObjectNode root = JSON.createObjectNode().put("policyName", policy).put("defaultCpuSet", shared.toString());
        if (!exclusive.isEmpty()) {
            ObjectNode entries = root.putObject("entries");
            exclusive.forEach((pod, containers) -> {
                ObjectNode entry = entries.putObject(pod);
                containers.forEach((container, cpus) -> entry.put(container, cpus.toString()));
            });
        }
        return root.put("checksum", checksum()).toString();
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is damaged, in the kubelet's words
     */
    static CpuAccount parse(String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("checkpoint is corrupted: not JSON: " + e.getOriginalMessage(), e);
        }
        Map<String, Map<String, CpuSet>> exclusive = new TreeMap<>();
        for (Map.Entry<String, JsonNode> pod : root.path("entries").properties()) {
            Map<String, CpuSet> containers = new TreeMap<>();
            for (Map.Entry<String, JsonNode> container : pod.getValue().properties()) {
                containers.put(
                        container.getKey(), CpuSet.parse(container.getValue().asText("")));
            }
            exclusive.put(pod.getKey(), containers);
        }
        // Go takes names of fields in whatever case they are.
        String shared =
                root.path("defaultCpuSet").asText(root.path("defaultCPUSet").asText(""));
        CpuAccount account = new CpuAccount(root.path("policyName").asText(""), CpuSet.parse(shared), exclusive);
        long checksum = root.path("checksum").asLong(0);
        // Without one it is from a time before there were any.
        if (checksum != 0 && checksum != account.checksum()) {
            throw new IllegalArgumentException("checkpoint is corrupted");
        }
        return account;
    }

    private long checksum() {
        String shown = "(*state.CPUManagerCheckpoint){PolicyName:(string)" + policy + " DefaultCPUSet:(string)" + shared
                + " Entries:(map[string]map[string]string)" + shown() + " Checksum:(checksum.Checksum)0}";
        return GoChecksum.of(shown);
    }

    private String shown() {
        return exclusive.entrySet().stream()
                .map(pod -> pod.getKey() + ":"
                        + pod.getValue().entrySet().stream()
                                .map(container -> container.getKey() + ":" + container.getValue())
                                .collect(Collectors.joining(" ", "map[", "]")))
                .collect(Collectors.joining(" ", "map[", "]"));
    }
}
