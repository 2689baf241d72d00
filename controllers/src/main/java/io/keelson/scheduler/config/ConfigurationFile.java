package io.keelson.scheduler.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import io.keelson.controllers.process.ConfigurationText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * Reads and writes files of a {@link SchedulerConfiguration}, YAML or JSON. Strictly: a field that is not known, that is there
 * twice, of another type or out of its range is an error, which names where it is.
 */
public final class ConfigurationFile {
    private static final String REFUSAL = "strict decoding error";
    private static final ConfigurationText TEXT =
            new ConfigurationText(SchedulerConfiguration.KIND, SchedulerConfiguration.API_VERSION, REFUSAL);
    private static final YAMLMapper YAML = mapper();

    private ConfigurationFile() {}

    private static YAMLMapper mapper() {
        YAMLMapper mapper = YAMLMapper.builder(YAMLFactory.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
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
        return of(TEXT.read(file));
    }

    /** The same of a text. */
    public static SchedulerConfiguration parse(String text) {
        return of(TEXT.parse(text));
    }

    private static SchedulerConfiguration of(JsonNode tree) {
        requireNoHoles(tree, "");
        SchedulerConfiguration read = value(tree, SchedulerConfiguration.class, "");
        new Validation().check(read);
        return read;
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
            throw new IllegalArgumentException(
                    REFUSAL + ": unknown field \"" + ConfigurationText.path(path, e) + "\"", e);
        } catch (JsonMappingException e) {
            String why = e.getCause() instanceof IllegalArgumentException cause && cause.getMessage() != null
                    ? cause.getMessage()
                    : firstLine(e.getOriginalMessage());
            throw new IllegalArgumentException(REFUSAL + ": " + ConfigurationText.path(path, e) + ": " + why, e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(REFUSAL + ": " + path + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
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
