package io.keelson.controllers.process;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text of a component's configuration, YAML or JSON, as {@code --config} names it: one object of a kind and version that
 * the component knows. What its fields mean is the component's own matter; here it is only a tree.
 *
 * @param kind as {@code KubeletConfiguration}
 * @param apiVersion as {@code kubelet.config.k8s.io/v1beta1}
 * @param refusal what messages about a text that is none begin with, as the component's original words it
 */
public record ConfigurationText(String kind, String apiVersion, String refusal) {
    private static final int BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 50;

    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Reads a file of at most a mebibyte.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no such configuration; the message says why
     */
    public ObjectNode read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException("the file is larger than " + BYTES_MAX + " bytes");
        }
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * The same of a text.
     *
     * @throws IllegalArgumentException if it is no such configuration: no object, or one of another kind or version; if a
     *     field is there twice, or something stands for what is written elsewhere
     */
    public ObjectNode parse(String text) {
        ObjectNode tree = tree(text);
        String saidVersion = tree.path("apiVersion").asText();
        String saidKind = tree.path("kind").asText();
        if (!saidKind.equals(kind) || !saidVersion.equals(apiVersion)) {
            throw new IllegalArgumentException("no kind \"" + saidKind + "\" is registered for version \"" + saidVersion
                    + "\": a file is " + kind + " of " + apiVersion);
        }
        return tree;
    }

    private ObjectNode tree(String text) {
        try {
            refuseAliases(text);
            if (YAML.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException("the file is no object with apiVersion and kind");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(refusal + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(refusal + ": " + e.getMessage(), e);
        }
    }

    /** Jackson would take them for texts. */
    private static void refuseAliases(String text) throws IOException {
        try (JsonParser parser = YAML.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
                    throw new IllegalArgumentException(
                            "aliases of YAML (*) are not read: write out what they stand for");
                }
            }
        }
    }

    /**
     * Where in a tree a problem is, as {@code a.b[0].c}.
     *
     * @param start where the tree is itself; empty if it is the whole
     */
    public static String path(String start, JsonMappingException problem) {
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
}
