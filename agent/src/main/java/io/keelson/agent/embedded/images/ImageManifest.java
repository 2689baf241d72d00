package io.keelson.agent.embedded.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of one image.
 *
 * @param layers the lowest first
 */
public record ImageManifest(String mediaType, Descriptor config, List<Descriptor> layers) {
    /** A kernel stacks at most 500; no one has seen an image near this. */
    private static final int LAYERS_MAX = 1000;

    /**
     * Reads one.
     *
     * @param what it is, for the message
     * @throws ImageProblem {@code DAMAGED}
     */
    public static ImageManifest parse(byte[] bytes, String what) throws ImageProblem {
        ObjectNode root = Json.object(bytes, what);
        if (root.path("schemaVersion").asInt(0) == 1) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    what + " is a manifest of schema 1, which registries gave up; push the image again with a newer"
                            + " tool");
        }
        JsonNode list = root.path("layers");
        if (!root.path("config").isObject() || !list.isArray() || list.size() > LAYERS_MAX) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    what + " is not an image's manifest: it lacks config or layers, or has more than " + LAYERS_MAX
                            + " of them");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (JsonNode each : list) {
            Descriptor layer = Descriptor.of(each, what);
            if (!layer.mediaType().isEmpty() && !MediaType.isLayer(layer.mediaType())) {
                throw new ImageProblem(
                        ImageProblem.Kind.DAMAGED,
                        what + " is no container image: a layer has the type " + layer.mediaType());
            }
            layers.add(layer);
        }
        return new ImageManifest(
                root.path("mediaType").asText(MediaType.MANIFEST),
                Descriptor.of(root.path("config"), what),
                List.copyOf(layers));
    }

    /** As bytes. */
    public byte[] bytes() {
        ObjectNode root = Json.object();
        root.put("schemaVersion", 2);
        root.put("mediaType", mediaType);
        put(root.putObject("config"), config);
        ArrayNode list = root.putArray("layers");
        layers.forEach(layer -> put(list.addObject(), layer));
        return Json.bytes(root);
    }

    private static void put(ObjectNode node, Descriptor descriptor) {
        node.put("mediaType", descriptor.mediaType());
        node.put("digest", descriptor.digest().toString());
        node.put("size", descriptor.size());
    }
}
