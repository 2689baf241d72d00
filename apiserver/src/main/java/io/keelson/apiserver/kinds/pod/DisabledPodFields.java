package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fields of pods, and of templates of pods, whose features are off, as they are in Kubernetes 1.36 unless it is told
 * otherwise: {@code PodCertificateRequest} and {@code ClusterTrustBundleProjection}. Nobody can bring them in. An object that has them, because a server stored it in which they are on, keeps them.
 *
 * @param spec where in an object the specification of pods stands
 */
public record DisabledPodFields(JsonPointer spec) {
    /** Of pods themselves. */
    public static final DisabledPodFields OF_POD = at("/spec");

    /** Of kinds that make pods. */
    public static final DisabledPodFields OF_TEMPLATE = at("/spec/template/spec");

    private static final List<String> PROJECTIONS = List.of("podCertificate", "clusterTrustBundle");

    /** @param pointer to the specification: {@code /spec/template/spec} */
    public static DisabledPodFields at(String pointer) {
        return new DisabledPodFields(JsonPointer.compile(pointer));
    }

    /**
     * Takes away the fields that the old object does not use.
     *
     * @param object to be changed
     * @param old null if the object is new
     */
    public void drop(ObjectNode object, @Nullable ObjectNode old) {
        if (!(object.at(spec) instanceof ObjectNode pod)) {
            return;
        }
        JsonNode before = old == null ? MissingNode.getInstance() : old.at(spec);
        List<ObjectNode> sources = sources(pod);
        for (String projection : PROJECTIONS) {
            if (uses(sources, projection) && !uses(sources(before), projection)) {
                sources.forEach(source -> source.remove(projection));
            }
        }
    }

    /** What is put together in projected volumes. */
    private static List<ObjectNode> sources(JsonNode pod) {
        List<ObjectNode> sources = new ArrayList<>();
        for (JsonNode volume : pod.path("volumes")) {
            sources.addAll(Fill.objects(volume.path("projected").path("sources")));
        }
        return sources;
    }

    private static boolean uses(List<ObjectNode> sources, String projection) {
        return sources.stream().anyMatch(source -> source.has(projection));
    }
}
