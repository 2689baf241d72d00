package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds to pods what their runtime costs, and where it is to be found. */
public final class RuntimeClass implements AdmissionPlugin {
    private static final String DIFFERS = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

    private final ObjectLookup objects;

    public RuntimeClass(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "RuntimeClass";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.created(request);
        ObjectNode runtime = pod == null ? null : runtime(request, pod);
        if (pod == null || runtime == null) {
            return;
        }
        ObjectNode spec = PodWrites.spec(pod);
        JsonNode overhead = overhead(runtime);
        if (overhead != null) {
            if (spec.hasNonNull("overhead") && !same(overhead, spec.path("overhead"))) {
                throw request.forbidden(DIFFERS);
            }
            spec.set("overhead", overhead.deepCopy());
        }
        if (runtime.path("scheduling") instanceof ObjectNode scheduling) {
            schedule(request, spec, scheduling);
        }
    }

    private static void schedule(AdmissionRequest request, ObjectNode spec, ObjectNode scheduling) {
        JsonNode wanted = scheduling.path("nodeSelector");
        if (!wanted.isEmpty()) {
            ObjectNode selector = Fill.object(spec, "nodeSelector");
            for (Map.Entry<String, JsonNode> label : wanted.properties()) {
                JsonNode present = selector.get(label.getKey());
                String value = label.getValue().asText();
                if (present != null && !present.asText().equals(value)) {
                    throw request.forbidden("conflict: runtimeClass.scheduling.nodeSelector[" + label.getKey() + "] = "
                            + value + "; pod.spec.nodeSelector[" + label.getKey() + "] = " + present.asText());
                }
                selector.put(label.getKey(), value);
            }
        }
        if (!scheduling.path("tolerations").isEmpty()) {
            spec.set("tolerations", Tolerations.merged(spec.path("tolerations"), scheduling.path("tolerations")));
        }
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.created(request);
        if (pod == null) {
            return;
        }
        ObjectNode runtime = runtime(request, pod);
        JsonNode overhead = runtime == null ? null : overhead(runtime);
        JsonNode present = pod.path("spec").path("overhead");
        if (overhead != null) {
            if (!same(overhead, present)) {
                throw request.forbidden(DIFFERS);
            }
        } else if (!present.isMissingNode() && !present.isNull()) {
            throw request.forbidden(
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private @Nullable ObjectNode runtime(AdmissionRequest request, ObjectNode pod) throws InterruptedException {
        JsonNode name = pod.path("spec").path("runtimeClassName");
        if (!name.isTextual()) {
            return null;
        }
        ObjectNode found = objects.recent("node.k8s.io", "runtimeclasses", "", name.textValue());
        if (found == null && !name.textValue().isEmpty()) {
            found = objects.now("node.k8s.io", "runtimeclasses", "", name.textValue());
        }
        if (found == null) {
            throw request.forbidden("pod rejected: RuntimeClass " + GoText.quoted(name.textValue()) + " not found");
        }
        return found;
    }

    private static @Nullable JsonNode overhead(ObjectNode runtime) {
        return runtime.path("overhead").get("podFixed");
    }

    private static boolean same(JsonNode one, JsonNode other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (Map.Entry<String, JsonNode> entry : one.properties()) {
            JsonNode match = other.get(entry.getKey());
            try {
                if (match == null || Quantity.of(entry.getValue()).compareTo(Quantity.of(match)) != 0) {
                    return false;
                }
            } catch (MalformedException e) {
                return false;
            }
        }
        return true;
    }
}
