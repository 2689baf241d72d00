package io.keelson.agent.volumes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is noted beside a volume of a storage plugin before the plugin is asked for it: {@code vol_data.json}, as the
 * kubelet writes it. From it another start of the agent knows what to give back.
 *
 * @param specVolId the persistent volume's name, or the volume's own
 * @param handle the volume's name in the plugin
 * @param driver the plugin's name
 * @param mode {@code Persistent} or {@code Ephemeral}
 * @param node this node
 */
record CsiNote(String specVolId, String handle, String driver, String mode, String node) {
    static final String FILE = "vol_data.json";

    private static final long SIZE_BYTES_MAX = 64 << 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    boolean isEphemeral() {
        return "Ephemeral".equals(mode);
    }

    /** Writes it into a folder, as a whole. */
    void write(Path folder) throws IOException {
        ObjectNode note = JSON.createObjectNode()
                .put("specVolID", specVolId)
                .put("volumeHandle", handle)
                .put("driverName", driver)
                .put("volumeLifecycleMode", mode)
                .put("nodeName", node);
        WholeFile.writeDurably(folder.resolve(FILE), JSON.writeValueAsBytes(note));
    }

    /** Reads what a folder has; null if there is none, or it is damaged. */
    static @Nullable CsiNote read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file) || Files.size(file) > SIZE_BYTES_MAX) {
            return null;
        }
        try {
            JsonNode note = JSON.readTree(Files.readAllBytes(file));
            CsiNote read = new CsiNote(
                    note.path("specVolID").asText(""),
                    note.path("volumeHandle").asText(""),
                    note.path("driverName").asText(""),
                    note.path("volumeLifecycleMode").asText(""),
                    note.path("nodeName").asText(""));
            return read.handle.isEmpty() || read.driver.isEmpty() ? null : read;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
