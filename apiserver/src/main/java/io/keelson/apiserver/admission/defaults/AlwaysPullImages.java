package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Has every image pulled when a container starts, so that nobody uses one that others may pull and he may not. */
public final class AlwaysPullImages implements AdmissionPlugin {
    private static final List<String> CONTAINERS = List.of("initContainers", "containers", "ephemeralContainers");
    private static final String ALWAYS = "Always";

    @Override
    public String name() {
        return "AlwaysPullImages";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        ObjectNode pod = PodWrites.written(request);
        if (pod == null || bringsNoImage(request.old(), pod)) {
            return;
        }
        for (String list : CONTAINERS) {
            Fill.objects(pod.path("spec").path(list)).forEach(container -> container.put("imagePullPolicy", ALWAYS));
        }
        for (ObjectNode volume : Fill.objects(pod.path("spec").path("volumes"))) {
            if (volume.get("image") instanceof ObjectNode image) {
                image.put("pullPolicy", ALWAYS);
            }
        }
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode pod = PodWrites.written(request);
        if (pod == null || bringsNoImage(request.old(), pod)) {
            return;
        }
        for (String list : CONTAINERS) {
            JsonNode containers = pod.path("spec").path(list);
            for (int i = 0; i < containers.size(); i++) {
                String policy = containers.get(i).path("imagePullPolicy").asText("");
                if (!policy.equals(ALWAYS)) {
                    throw request.forbidden("spec." + list + "[" + i + "].imagePullPolicy: Unsupported value: \""
                            + policy + "\": supported values: \"Always\"");
                }
            }
        }
    }

    /** A pod that only changes otherwise stays as it was admitted. */
    private static boolean bringsNoImage(@Nullable ObjectNode old, ObjectNode pod) {
        return old != null && images(old).containsAll(images(pod));
    }

    private static Set<String> images(ObjectNode pod) {
        Set<String> images = new HashSet<>();
        for (String list : CONTAINERS) {
            pod.path("spec")
                    .path(list)
                    .forEach(container -> images.add(container.path("image").asText("")));
        }
        pod.path("spec").path("volumes").forEach(volume -> {
            if (volume.has("image")) {
                images.add(volume.path("image").path("reference").asText(""));
            }
        });
        return images;
    }
}
