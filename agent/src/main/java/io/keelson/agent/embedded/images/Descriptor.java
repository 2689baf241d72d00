package io.keelson.agent.embedded.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How one part of an image names another.
 *
 * @param size in bytes
 * @param platform what it is for, where that is said
 * @param annotations by name
 */
public record Descriptor(
        String mediaType, Digest digest, long size, Optional<Platform> platform, Map<String, String> annotations) {
    /** One without a platform and annotations. */
    public Descriptor(String mediaType, Digest digest, long size) {
        this(mediaType, digest, size, Optional.empty(), Map.of());
    }

    /**
     * Reads one.
     *
     * @param where it stands, for the message
     * @throws ImageProblem {@code DAMAGED}
     */
    public static Descriptor of(JsonNode node, String where) throws ImageProblem {
        JsonNode size = node.path("size");
        JsonNode digest = node.path("digest");
        if (!digest.isTextual() || !size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    where + " has a descriptor without a digest or a size that could be one");
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        node.path("annotations")
                .properties()
                .forEach(each -> annotations.put(each.getKey(), each.getValue().asText()));
        JsonNode platform = node.path("platform");
        return new Descriptor(
                node.path("mediaType").asText(""),
                Digest.parse(digest.textValue()),
                size.longValue(),
                platform.path("architecture").isTextual()
                        ? Optional.of(new Platform(
                                platform.path("os").asText("linux"),
                                platform.path("architecture").asText(),
                                platform.path("variant").asText("")))
                        : Optional.empty(),
                annotations);
    }
}
