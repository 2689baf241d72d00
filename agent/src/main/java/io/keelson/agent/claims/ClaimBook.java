package io.keelson.agent.claims;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The claims that pods here use, in a file that is written before a change counts. Any thread. */
final class ClaimBook {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimBook.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long FILE_BYTES_MAX = 64 << 20;

    private final Path file;
    private Map<String, UsedClaim> claims;

    /** @param file {@code dra_manager_state} in the agent's root */
    ClaimBook(Path file) {
        this.file = file;
        claims = read(file);
    }

    private static Map<String, UsedClaim> read(Path file) {
        Map<String, UsedClaim> found = new TreeMap<>();
        if (!Files.exists(file)) {
            return found;
        }
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("it is longer than " + FILE_BYTES_MAX + " bytes");
            }
            JsonNode root = JSON.readTree(Files.readString(file));
            JsonNode data = root == null ? null : root.get("Data");
            if (data == null
                    || checksum(data.toString()) != root.path("Checksum").asLong(-1)) {
                throw new IOException("checkpoint is corrupted");
            }
            List<UsedClaim> all =
                    JSON.convertValue(data.path("ClaimInfoStateList"), new TypeReference<List<UsedClaim>>() {});
            all.forEach(claim -> found.put(claim.key(), claim));
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            // With a text that has no list, or no claims in it, it is as damaged as with none.
            LOG.error("{} is not used, so claims of pods that are gone are not taken back: {}", file, e.getMessage());
            found.clear();
        }
        return found;
    }

    private static long checksum(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return sum.getValue();
    }

    synchronized Optional<UsedClaim> find(String key) {
        return Optional.ofNullable(claims.get(key));
    }

    synchronized List<UsedClaim> all() {
        return List.copyOf(claims.values());
    }

    synchronized void put(UsedClaim claim) throws ClaimProblem {
        Map<String, UsedClaim> next = new TreeMap<>(claims);
        next.put(claim.key(), claim);
        write(next);
    }

    synchronized void remove(String key) throws ClaimProblem {
        Map<String, UsedClaim> next = new TreeMap<>(claims);
        next.remove(key);
        write(next);
    }

    private void write(Map<String, UsedClaim> next) throws ClaimProblem {
        try {
            ObjectNode data = JSON.createObjectNode();
            data.set("ClaimInfoStateList", JSON.valueToTree(next.values()));
            ObjectNode root = JSON.createObjectNode();
            root.set("Data", data);
            root.put("Checksum", checksum(data.toString()));
            WholeFile.writeDurably(file, JSON.writeValueAsString(root));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of texts are JSON", e);
        } catch (IOException e) {
            throw new ClaimProblem("cannot write which claims are used to " + file + ": " + e, e);
        }
        claims = next;
    }
}
