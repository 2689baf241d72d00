package io.keelson.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.process.ConfigurationText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads files of a {@link KubeletConfiguration}, YAML or JSON. */
final class ConfigurationFiles {
    private static final int DROP_INS_MAX = 1000;
    private static final String DROP_IN = ".conf";

    /** Fields that name files; what is relative is so to the file that says it. */
    private static final List<String> PATHS = List.of(
            "staticPodPath",
            "podLogsDir",
            "tlsCertFile",
            "tlsPrivateKeyFile",
            "resolvConf",
            "volumePluginDir",
            "authentication.x509.clientCAFile");

    private static final ConfigurationText TEXT =
            new ConfigurationText(KubeletConfiguration.KIND, KubeletConfiguration.API_VERSION, "failed to decode");

    private ConfigurationFiles() {}

    /**
     * Reads a file, and over it the drop-ins of a folder in the order of their paths. An object of a later file is
     * merged into that of an earlier one, a list takes its place, and null takes a field away.
     *
     * @param file none for no file
     * @param folder none for no drop-ins; those are its files and those of folders in it that end in {@code .conf}
     * @throws IOException if a file cannot be read; the message names it
     * @throws IllegalArgumentException if one is no configuration; the message names it
     */
    static ObjectNode read(Optional<Path> file, Optional<Path> folder) throws IOException {
        ObjectNode merged = JsonNodeFactory.instance.objectNode();
        if (file.isPresent()) {
            merge(merged, one("--config", file.get()));
        }
        if (folder.isPresent()) {
            for (Path dropIn : dropIns(folder.get())) {
                merge(merged, one("--config-dir", dropIn));
            }
        }
        return merged;
    }

    private static List<Path> dropIns(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> dropIns = files.filter(path -> path.toString().endsWith(DROP_IN) && !Files.isDirectory(path))
                    .limit(DROP_INS_MAX + 1L)
                    .sorted()
                    .toList();
            if (dropIns.size() > DROP_INS_MAX) {
                throw new IllegalArgumentException(
                        "--config-dir: " + folder + " has more than " + DROP_INS_MAX + " files");
            }
            return dropIns;
        } catch (IOException | UncheckedIOException e) {
            throw new IOException("--config-dir: " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static ObjectNode one(String flag, Path file) throws IOException {
        try {
            ObjectNode tree = TEXT.read(file);
            resolve(tree, file.toAbsolutePath().getParent());
            // Each by itself, so that what is wrong is told with the file that has it.
            KubeletConfiguration.requireFields(tree);
            return tree;
        } catch (IOException e) {
            throw new IOException(flag + ": " + file + " cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(flag + ": " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The object of a text.
     *
     * @throws IllegalArgumentException if it is none, or of another kind
     */
    static ObjectNode parse(String text) {
        return TEXT.parse(text);
    }

    private static void resolve(ObjectNode tree, @Nullable Path folder) {
        for (String field : PATHS) {
            JsonNode value = tree.at("/" + field.replace('.', '/'));
            if (folder != null && value.isTextual() && !value.textValue().isEmpty()) {
                KubeletConfiguration.put(
                        tree,
                        field,
                        JsonNodeFactory.instance.textNode(
                                folder.resolve(value.textValue()).toString()));
            }
        }
    }

    /** As RFC 7396 says it. */
    private static void merge(ObjectNode target, ObjectNode patch) {
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            if (entry.getValue().isNull()) {
                target.remove(entry.getKey());
            } else if (entry.getValue() instanceof ObjectNode object) {
                JsonNode there = target.get(entry.getKey());
                ObjectNode into = there instanceof ObjectNode known ? known : JsonNodeFactory.instance.objectNode();
                target.set(entry.getKey(), into);
                merge(into, object);
            } else {
                target.set(entry.getKey(), entry.getValue());
            }
        }
    }
}
