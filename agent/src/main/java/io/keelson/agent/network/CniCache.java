package io.keelson.agent.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was asked of plugins and what they made, kept as libcni keeps it below {@code /var/lib/cni/results}: so that a sandbox is
 * taken off the network by the plugins that put it there, whatever the configuration says by then.
 */
final class CniCache {
    private static final Logger LOG = LoggerFactory.getLogger(CniCache.class);
    private static final String KIND = "cniCacheV1";
    private static final long OCTETS_MAX = 4 << 20;

    private final Path folder;

    /** In a folder, which is made when something is kept. */
    CniCache(Path folder) {
        this.folder = folder;
    }

    /**
     * Something that is kept.
     *
     * @param netns where its network namespace was; empty if that was not written down
     * @param configuration by which it was made; null if that cannot be read any more
     * @param capabilities what was asked besides
     */
    record Entry(
            String sandbox,
            String network,
            String netns,
            @Nullable CniConfiguration configuration,
            ObjectNode capabilities,
            @Nullable CniResult result) {}

    private Path file(String network, String sandbox) {
        return folder.resolve(network + '-' + sandbox + '-' + SandboxAttachment.INTERFACE);
    }

    /** Keeps what was made. */
    void put(
            CniConfiguration configuration,
            SandboxAttachment sandbox,
            List<List<String>> arguments,
            ObjectNode capabilities,
            CniResult result)
            throws IOException {
        ObjectNode json = CniConfiguration.JSON.createObjectNode();
        json.put("kind", KIND);
        json.put("containerId", sandbox.id());
        json.put("config", configuration.json().toString().getBytes(StandardCharsets.UTF_8));
        json.put("ifName", SandboxAttachment.INTERFACE);
        json.put("networkName", configuration.name());
        json.put("netns", String.valueOf(sandbox.netns()));
        ArrayNode pairs = json.putArray("cniArgs");
        arguments.forEach(pair -> {
            ArrayNode written = pairs.addArray();
            pair.forEach(written::add);
        });
        json.set("capabilityArgs", capabilities);
        json.set("result", result.json());
        WholeFile.write(file(configuration.name(), sandbox.id()), json.toString());
    }

    /** What is kept of a sandbox, on whichever network. */
    List<Entry> of(String sandbox) throws IOException {
        return all().stream().filter(entry -> entry.sandbox().equals(sandbox)).toList();
    }

    /** All that is kept of the pods' interface; what cannot be read is left out. */
    List<Entry> all() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return entries;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = String.valueOf(file.getFileName());
                if (!name.startsWith(".") && name.endsWith('-' + SandboxAttachment.INTERFACE)) {
                    Entry entry = read(file);
                    if (entry != null) {
                        entries.add(entry);
                    }
                }
            }
        }
        return entries;
    }

    private static @Nullable Entry read(Path file) throws IOException {
        try {
            if (Files.size(file) > OCTETS_MAX) {
                throw new IOException("it has more than " + OCTETS_MAX + " octets");
            }
            JsonNode json = CniConfiguration.JSON.readTree(Files.readString(file, StandardCharsets.UTF_8));
            if (!json.path("kind").asText("").equals(KIND)) {
                return null;
            }
            CniConfiguration configuration = null;
            try {
                configuration =
                        CniConfiguration.parse(new String(json.path("config").binaryValue(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                LOG.warn("{}: its configuration cannot be read: {}", file, e.getMessage());
            }
            return new Entry(
                    json.path("containerId").asText(""),
                    json.path("networkName").asText(""),
                    json.path("netns").asText(""),
                    configuration,
                    json.get("capabilityArgs") instanceof ObjectNode given
                            ? given
                            : CniConfiguration.JSON.createObjectNode(),
                    CniResult.of(json.get("result")));
        } catch (JsonProcessingException e) {
            LOG.warn("{} is damaged: {}", file, e.getOriginalMessage());
            return null;
        }
    }

    /** Forgets what was kept. */
    void remove(Entry entry) throws IOException {
        Files.deleteIfExists(file(entry.network(), entry.sandbox()));
    }
}
