package io.keelson.agent.embedded.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The manifests of several platforms, or the images of a layout.
 *
 * @param manifests in the order given
 */
public record ImageIndex(List<Descriptor> manifests) {
    private static final int MANIFESTS_MAX = 10_000;

    /**
     * Reads one.
     *
     * @param what it is, for the message
     * @throws ImageProblem {@code DAMAGED}
     */
    public static ImageIndex parse(byte[] bytes, String what) throws ImageProblem {
        JsonNode list = Json.object(bytes, what).path("manifests");
        if (!list.isArray() || list.size() > MANIFESTS_MAX) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    what + " has no list of manifests, or one of more than " + MANIFESTS_MAX);
        }
        List<Descriptor> manifests = new ArrayList<>();
        for (JsonNode each : list) {
            manifests.add(Descriptor.of(each, what));
        }
        return new ImageIndex(List.copyOf(manifests));
    }

    /**
     * The manifest that suits a platform best. One that does not say what it is for suits any if no other does.
     *
     * @param what it is, for the message
     * @throws ImageProblem {@code NOT_FOUND}
     */
    public Descriptor select(Platform wanted, String what) throws ImageProblem {
        for (Platform accepted : wanted.accepted()) {
            for (Descriptor each : manifests) {
                if (each.platform().equals(Optional.of(accepted))) {
                    return each;
                }
            }
        }
        for (Descriptor each : manifests) {
            if (each.platform().isEmpty()) {
                return each;
            }
        }
        List<String> there = manifests.stream()
                .flatMap(each -> each.platform().stream())
                .map(Platform::toString)
                .filter(name -> !name.startsWith("unknown/"))
                .distinct()
                .limit(20)
                .toList();
        throw new ImageProblem(
                ImageProblem.Kind.NOT_FOUND,
                what + ": no match for platform in manifest: " + wanted + " is wanted, there "
                        + (there.size() == 1 ? "is " : "are ") + (there.isEmpty() ? "none" : String.join(", ", there)));
    }
}
