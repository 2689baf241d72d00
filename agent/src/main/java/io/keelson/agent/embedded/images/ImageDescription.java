package io.keelson.agent.embedded.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An image's configuration: for what platform it is, of what layers, and how containers of it run.
 *
 * @param created as the image says, empty if it does not
 * @param differences the digests of the layers' unpacked tars, the lowest first
 */
public record ImageDescription(Platform platform, String created, List<Digest> differences, ImageConfig run) {
    /**
     * Reads one.
     *
     * @param id its digest
     * @throws ImageProblem {@code DAMAGED}
     */
    public static ImageDescription parse(byte[] bytes, Digest id) throws ImageProblem {
        String what = "the configuration of image " + id;
        ObjectNode root = Json.object(bytes, what);
        List<Digest> differences = new ArrayList<>();
        for (JsonNode each : root.path("rootfs").path("diff_ids")) {
            differences.add(Digest.parse(each.asText()));
        }
        JsonNode config = root.path("config");
        Map<String, String> labels = new LinkedHashMap<>();
        config.path("Labels")
                .properties()
                .forEach(each -> labels.put(each.getKey(), each.getValue().asText()));
        Set<String> volumes = new LinkedHashSet<>();
        config.path("Volumes").fieldNames().forEachRemaining(volumes::add);
        String folder = config.path("WorkingDir").asText("");
        return new ImageDescription(
                new Platform(
                        root.path("os").asText("linux"),
                        root.path("architecture").asText("amd64"),
                        root.path("variant").asText("")),
                root.path("created").asText(""),
                List.copyOf(differences),
                new ImageConfig(
                        id.toString(),
                        strings(config.path("Entrypoint"), what),
                        strings(config.path("Cmd"), what),
                        strings(config.path("Env"), what),
                        text(config.path("User")),
                        folder.isEmpty() ? "/" : folder.startsWith("/") ? folder : "/" + folder,
                        Collections.unmodifiableSet(volumes),
                        text(config.path("StopSignal")),
                        Collections.unmodifiableMap(labels)));
    }

    private static String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : "";
    }

    private static List<String> strings(JsonNode list, String what) throws ImageProblem {
        List<String> strings = new ArrayList<>();
        for (JsonNode each : list) {
            if (!each.isTextual() || each.textValue().indexOf('\0') >= 0) {
                throw new ImageProblem(
                        ImageProblem.Kind.DAMAGED, what + " has a word that no program could be given: " + each);
            }
            strings.add(each.textValue());
        }
        return List.copyOf(strings);
    }

    /** What a layer together with all below is known by, for each layer, as other runtimes count, too. */
    public List<Digest> chain() {
        List<Digest> chain = new ArrayList<>();
        for (Digest difference : differences) {
            chain.add(
                    chain.isEmpty()
                            ? difference
                            : Digest.of((chain.getLast() + " " + difference).getBytes(StandardCharsets.US_ASCII)));
        }
        return chain;
    }
}
