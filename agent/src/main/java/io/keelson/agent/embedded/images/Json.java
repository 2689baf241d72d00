package io.keelson.agent.embedded.images;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** JSON that comes from outside, and our own. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(100)
                            .maxNumberLength(100)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /**
     * Reads an object.
     *
     * @param what it is, for the message
     * @throws ImageProblem {@code DAMAGED}: it is none
     */
    public static ObjectNode object(byte[] bytes, String what) throws ImageProblem {
        if (tree(bytes, what) instanceof ObjectNode object) {
            return object;
        }
        throw new ImageProblem(ImageProblem.Kind.DAMAGED, what + " is not a JSON object");
    }

    /**
     * Reads anything.
     *
     * @param what it is, for the message
     * @throws ImageProblem {@code DAMAGED}: it is no JSON
     */
    public static JsonNode tree(byte[] bytes, String what) throws ImageProblem {
        try {
            return MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageProblem(ImageProblem.Kind.DAMAGED, what + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        }
    }

    /** An object to fill. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Without white space; equal trees give equal bytes. */
    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }

    /** To be read by people. */
    public static String pretty(JsonNode node) {
        return node.toPrettyString();
    }
}
