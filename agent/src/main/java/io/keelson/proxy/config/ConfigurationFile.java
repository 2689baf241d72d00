package io.keelson.proxy.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.process.ConfigurationText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes files of a {@link ProxyConfiguration}, YAML or JSON. As with kube-proxy a field that is not known is told of
 * and passed over; one that is of another type, or there twice, is an error.
 */
public final class ConfigurationFile {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFile.class);
    private static final ConfigurationText TEXT =
            new ConfigurationText(ProxyConfiguration.KIND, ProxyConfiguration.API_VERSION, "failed to decode");
    private static final List<String> SECTIONS =
            List.of("clientConnection", "iptables", "nftables", "detectLocal", "conntrack");
    private static final YAMLMapper YAML = mapper();

    private ConfigurationFile() {}

    private static final class Length extends JsonDeserializer<Duration> {
        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return GoDuration.parse(parser.getText());
            } catch (IllegalArgumentException e) {
                throw JsonMappingException.from(parser, String.valueOf(e.getMessage()), e);
            }
        }
    }

    private static final class LengthText extends JsonSerializer<Duration> {
        @Override
        public void serialize(Duration value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeString(text(value));
        }
    }

    /** As Go writes it, of whole milliseconds. */
    private static String text(Duration value) {
        if (value.isZero()) {
            return "0s";
        }
        String seconds = value.toSecondsPart() + (value.toMillisPart() == 0 ? "" : "." + value.toMillisPart()) + "s";
        if (value.toHours() > 0) {
            return value.toHours() + "h" + value.toMinutesPart() + "m" + seconds;
        }
        return value.toMinutes() > 0 ? value.toMinutes() + "m" + seconds : seconds;
    }

    private static YAMLMapper mapper() {
        return YAMLMapper.builder(YAMLFactory.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .build())
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .addModule(new SimpleModule()
                        .addDeserializer(Duration.class, new Length())
                        .addSerializer(Duration.class, new LengthText()))
                .serializationInclusion(JsonInclude.Include.NON_NULL)
                .build();
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it says what it may not; the message says where and what
     */
    public static ProxyConfiguration read(Path file) throws IOException {
        return of(TEXT.read(file));
    }

    /** The same of a text. */
    public static ProxyConfiguration parse(String text) {
        return of(TEXT.parse(text));
    }

    /** The same of an object, to which sections that are missing are added. */
    public static ProxyConfiguration of(ObjectNode tree) {
        for (String section : SECTIONS) {
            JsonNode there = tree.get(section);
            if (there == null || there.isNull()) {
                tree.putObject(section);
            }
        }
        ProxyConfiguration configuration;
        try {
            configuration = value(YAML.readerFor(ProxyConfiguration.class), tree);
        } catch (UnrecognizedPropertyException e) {
            LOG.warn("unknown field \"{}\" means nothing", ConfigurationText.path("", e));
            try {
                configuration = value(
                        YAML.readerFor(ProxyConfiguration.class)
                                .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES),
                        tree);
            } catch (JsonMappingException again) {
                throw refusal(again);
            }
        } catch (JsonMappingException e) {
            throw refusal(e);
        }
        Validation.check(configuration);
        return configuration;
    }

    private static ProxyConfiguration value(ObjectReader reader, JsonNode tree) throws JsonMappingException {
        try {
            return reader.readValue(tree);
        } catch (JsonMappingException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalArgumentException("failed to decode: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException refusal(JsonMappingException e) {
        String why = e.getOriginalMessage().lines().findFirst().orElse("");
        return new IllegalArgumentException("failed to decode: " + ConfigurationText.path("", e) + ": " + why, e);
    }

    /** As a file, which can be read again. */
    public static String write(ProxyConfiguration configuration) {
        try {
            return YAML.writeValueAsString(configuration);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was read can be written", e);
        }
    }

    /** As JSON, as {@code /configz} shows it. */
    public static String json(ProxyConfiguration configuration) {
        return YAML.createObjectNode()
                .set("kubeproxy.config.k8s.io", YAML.valueToTree(configuration))
                .toString();
    }
}
