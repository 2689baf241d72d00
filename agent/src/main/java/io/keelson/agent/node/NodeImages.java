package io.keelson.agent.node;

import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.wire.cri.Image;
import io.keelson.agent.wire.cri.ListImagesRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The images that a node tells of. */
public final class NodeImages {
    private static final Duration CALL_MAX = Duration.ofSeconds(30);
    private static final int NAMES_MAX = 5;

    private NodeImages() {}

    /**
     * Asks the runtime.
     *
     * @param max how many, negative for all
     * @throws io.grpc.StatusRuntimeException if it does not answer
     */
    public static List<NodeSigns.Image> of(RuntimeConnection runtime, int max) {
        return largest(
                runtime.images(CALL_MAX)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesList(),
                max);
    }

    /** The largest of some, the first few names of each: with digests, then with tags. */
    static List<NodeSigns.Image> largest(List<Image> images, int max) {
        List<NodeSigns.Image> told = new ArrayList<>();
        images.stream()
                .sorted(Comparator.comparingLong(Image::getSize).reversed().thenComparing(Image::getId))
                .limit(max < 0 ? images.size() : max)
                .forEach(image -> told.add(new NodeSigns.Image(
                        Stream.concat(image.getRepoDigestsList().stream(), image.getRepoTagsList().stream())
                                .limit(NAMES_MAX)
                                .toList(),
                        image.getSize())));
        return told;
    }
}
