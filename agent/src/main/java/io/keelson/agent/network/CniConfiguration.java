package io.keelson.agent.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A list of plugins that are run one after the other, as a file of a folder like {@code /etc/cni/net.d} has it.
 *
 * @param name the network's
 * @param version the version of CNI that plugins are spoken to in
 * @param disableCheck whether {@code CHECK} is not to be asked
 * @param disableGc whether {@code GC} is not to be asked
 * @param plugins each with its own settings
 */
record CniConfiguration(
        String name, CniVersion version, boolean disableCheck, boolean disableGc, List<ObjectNode> plugins) {
    private static final Logger LOG = LoggerFactory.getLogger(CniConfiguration.class);
    private static final long OCTETS_MAX = 1 << 20;

    /** For all of CNI. */
    static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The first in the order of the files' names that makes sense, as libcni's users take it.
     *
     * @return empty if there is none
     * @throws IOException if the folder is there, but cannot be read
     */
    static Optional<CniConfiguration> first(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(CniConfiguration::isNamedSo)
                    .sorted(Comparator.comparing(file -> String.valueOf(file.getFileName())))
                    .toList();
        }
        for (Path file : files) {
            try {
                return Optional.of(read(file));
            } catch (IOException e) {
                LOG.warn("{} is left out: {}", file, e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static boolean isNamedSo(Path file) {
        String name = String.valueOf(file.getFileName());
        return Files.isRegularFile(file)
                && (name.endsWith(".conf") || name.endsWith(".conflist") || name.endsWith(".json"));
    }

    private static CniConfiguration read(Path file) throws IOException {
        if (Files.size(file) > OCTETS_MAX) {
            throw new IOException("it has more than " + OCTETS_MAX + " octets");
        }
        return parse(Files.readString(file, StandardCharsets.UTF_8));
    }

    /**
     * Reads one, a list or a single plugin.
     *
     * @throws IOException if it is none; the text says why
     */
    static CniConfiguration parse(String text) throws IOException {
        JsonNode read;
        try {
            read = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
        }
        if (!(read instanceof ObjectNode whole)) {
            throw new IOException("it is no JSON object");
        }
        String name = whole.path("name").asText("");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw new IOException("\"" + name + "\" is no name of a network");
        }
        List<ObjectNode> plugins = new ArrayList<>();
        if (whole.has("plugins")) {
            for (JsonNode plugin : whole.path("plugins")) {
                plugins.add(plugin(plugin));
            }
        } else {
            plugins.add(plugin(whole));
        }
        if (plugins.isEmpty()) {
            throw new IOException("no plugins in list");
        }
        return new CniConfiguration(
                name,
                version(whole),
                whole.path("disableCheck").asBoolean(false),
                whole.path("disableGC").asBoolean(false),
                List.copyOf(plugins));
    }

    private static ObjectNode plugin(JsonNode plugin) throws IOException {
        if (!(plugin instanceof ObjectNode settings)
                || plugin.path("type").asText("").isEmpty()) {
            throw new IOException("a plugin without its type");
        }
        // It is found in a folder, and is not to be found anywhere else.
        if (!plugin.path("type").asText().matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw new IOException("\"" + plugin.path("type").asText() + "\" is no name of a plugin");
        }
        return settings;
    }

    private static CniVersion version(ObjectNode whole) throws IOException {
        List<CniVersion> offered = new ArrayList<>();
        String single = whole.path("cniVersion").asText("0.1.0");
        CniVersion.of(single).ifPresent(offered::add);
        for (JsonNode each : whole.path("cniVersions")) {
            CniVersion.of(each.asText("")).ifPresent(offered::add);
        }
        return offered.stream()
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new IOException(
                        "its cniVersion " + single + " is none that is spoken here: " + List.of(CniVersion.values())));
    }

    /** The whole as the cache of results keeps it. */
    ObjectNode json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("cniVersion", version.toString());
        json.put("name", name);
        json.putArray("plugins").addAll(plugins);
        return json;
    }
}
