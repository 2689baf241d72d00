package io.keelson.agent.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads files of a {@link KubeletConfiguration}, YAML or JSON. */
final class ConfigurationFiles {
    private static final int BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 50;
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

    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (IOException e) {
            throw new IOException(flag + ": " + file + " cannot be read: " + e, e);
        }
        try {
            if (bytes.length > BYTES_MAX) {
                throw new IllegalArgumentException("the file is larger than " + BYTES_MAX + " bytes");
            }
            ObjectNode tree = parse(new String(bytes, StandardCharsets.UTF_8));
            resolve(tree, file.toAbsolutePath().getParent());
            // Each by itself, so that what is wrong is told with the file that has it.
            KubeletConfiguration.requireFields(tree);
            return tree;
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
        ObjectNode tree = tree(text);
        String version = tree.path("apiVersion").asText();
        String kind = tree.path("kind").asText();
        if (!kind.equals(KubeletConfiguration.KIND) || !version.equals(KubeletConfiguration.API_VERSION)) {
            throw new IllegalArgumentException("no kind \"" + kind + "\" is registered for version \"" + version
                    + "\": a file is " + KubeletConfiguration.KIND + " of " + KubeletConfiguration.API_VERSION);
        }
        return tree;
    }

    private static ObjectNode tree(String text) {
        try {
            try (JsonParser parser = YAML.createParser(text)) {
                while (parser.nextToken() != null) {
                    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
                        throw new IllegalArgumentException(
                                "aliases of YAML (*) are not read: write out what they stand for");
                    }
                }
            }
            if (YAML.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException("the file is no object with apiVersion and kind");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("failed to decode: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("failed to decode: " + e.getMessage(), e);
        }
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
