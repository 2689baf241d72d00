package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ConfigFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How plugins are configured: the file of {@code --admission-control-config-file}.
 *
 * @param plugins what it says of each, by name
 */
public record AdmissionConfiguration(Map<String, ObjectNode> plugins) {
    public static final AdmissionConfiguration NONE = new AdmissionConfiguration(Map.of());

    private static final String FLAG = "--admission-control-config-file: ";
    private static final Set<String> VERSIONS =
            Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1alpha1", "apiserver.k8s.io/v1alpha1");

    /** Those that can be configured. */
    private static final Set<String> CONFIGURABLE =
            Set.of("EventRateLimit", "PodNodeSelector", "PodSecurity", "PodTolerationRestriction");

    public AdmissionConfiguration {
        plugins = Map.copyOf(plugins);
    }

    /**
     * Reads an {@code AdmissionConfiguration}, and the files that it names, relative to its own folder.
     *
     * @throws IllegalArgumentException naming what cannot be used
     */
    static AdmissionConfiguration read(Path file) {
        try {
            ObjectNode tree = ConfigFile.read(file);
            if (!VERSIONS.contains(tree.path("apiVersion").asText(""))
                    || !tree.path("kind").asText("").equals("AdmissionConfiguration")) {
                throw new IllegalArgumentException(
                        FLAG + file + " is no AdmissionConfiguration of apiserver.config.k8s.io/v1");
            }
            Map<String, ObjectNode> plugins = new HashMap<>();
            for (JsonNode plugin : tree.path("plugins")) {
                String name = plugin.path("name").asText("");
                if (!CONFIGURABLE.contains(name)) {
                    throw new IllegalArgumentException(FLAG + file + ": the plugin \"" + name + "\" is not configurable here");
                }
                plugins.putIfAbsent(name, configuration(file, plugin));
            }
            return new AdmissionConfiguration(plugins);
        } catch (IOException e) {
            throw new IllegalArgumentException(FLAG + e.getMessage(), e);
        }
    }

    private static ObjectNode configuration(Path file, JsonNode plugin) throws IOException {
        String path = plugin.path("path").asText("");
        if (plugin.get("configuration") instanceof ObjectNode inline) {
            return inline;
        }
        if (path.isEmpty()) {
            throw new IOException(file + ": the plugin \"" + plugin.path("name").asText("")
                    + "\" has neither a configuration nor a path to one");
        }
        return ConfigFile.read(file.resolveSibling(path));
    }

    /** What it says of a plugin; null if it says nothing. */
    @Nullable
    ObjectNode of(String plugin) {
        return plugins.get(plugin);
    }
}
