package io.keelson.scheduler.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * Reads and writes files of a {@link SchedulerConfiguration}, YAML or JSON. Strictly: a field that is not known, that is there
 * twice, of another type or out of its range is an error, which names where it is.
 */
public final class ConfigurationFile {
    private static final int BYTES_MAX = 1 << 20;
    private static final YAMLMapper YAML = mapper();

    private ConfigurationFile() {}

    private static YAMLMapper mapper() {
        YAMLMapper mapper = YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .serializationInclusion(JsonInclude.Include.NON_NULL)
                .build();
        for (CoercionInputShape shape : CoercionInputShape.values()) {
            if (shape != CoercionInputShape.String) {
                mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
            }
        }
        return mapper;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it says what it may not; the message says where and what
     */
    public static SchedulerConfiguration read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException("the file is larger than " + BYTES_MAX + " bytes");
        }
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    /** The same of a text. */
    public static SchedulerConfiguration parse(String text) {
        JsonNode tree = tree(text);
        String version = tree.path("apiVersion").asText();
        String kind = tree.path("kind").asText();
        if (!kind.equals(SchedulerConfiguration.KIND) || !version.equals(SchedulerConfiguration.API_VERSION)) {
            throw new IllegalArgumentException("no kind \"" + kind + "\" is registered for version \"" + version
                    + "\": a file is " + SchedulerConfiguration.KIND + " of " + SchedulerConfiguration.API_VERSION);
        }
        requireNoHoles(tree, "");
        SchedulerConfiguration read = value(tree, SchedulerConfiguration.class, "");
        new Validation().check(read);
        return read;
    }

    private static JsonNode tree(String text) {
        try {
            try (JsonParser parser = YAML.createParser(text)) {
                while (parser.nextToken() != null) {
                    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
                        throw new IllegalArgumentException(
                                "aliases of YAML (*) are not read: write out what they stand" + " for");
                    }
                }
            }
            JsonNode tree = YAML.readTree(text);
            if (tree == null || !tree.isObject()) {
                throw new IllegalArgumentException("the file is no object with apiVersion and kind");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("strict decoding error: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("strict decoding error: " + e.getMessage(), e);
        }
    }

    /** A list of which an item is null says nothing. */
    private static void requireNoHoles(JsonNode node, String path) {
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                String at = path + '[' + i + ']';
                if (node.get(i).isNull()) {
                    throw new IllegalArgumentException(at + ": must not be null");
                }
                requireNoHoles(node.get(i), at);
            }
        } else {
            Iterator<String> names = node.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                requireNoHoles(node.get(name), path.isEmpty() ? name : path + '.' + name);
            }
        }
    }

    /**
     * A part of a file as what it means.
     *
     * @param path where the part is
     */
    static <T> T value(JsonNode node, Class<T> type, String path) {
        try {
            return YAML.treeToValue(node, type);
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException("strict decoding error: unknown field \"" + path(path, e) + "\"", e);
        } catch (JsonMappingException e) {
            String why = e.getCause() instanceof IllegalArgumentException cause && cause.getMessage() != null
                    ? cause.getMessage()
                    : firstLine(e.getOriginalMessage());
            throw new IllegalArgumentException("strict decoding error: " + path(path, e) + ": " + why, e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("strict decoding error: " + path + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }

    private static String path(String start, JsonMappingException problem) {
        StringBuilder path = new StringBuilder(start);
        for (JsonMappingException.Reference part : problem.getPath()) {
            if (part.getFieldName() == null) {
                path.append('[').append(part.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(part.getFieldName());
            }
        }
        return path.toString();
    }

    /** As a file, which can be read again. */
    public static String write(SchedulerConfiguration configuration) {
        try {
            return YAML.writeValueAsString(configuration);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was read can be written", e);
        }
    }
}
