package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.pod.QualityOfService;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import org.jspecify.annotations.Nullable;

/** Gives the pods of a namespace the tolerations that it is annotated with, and refuses those it does not allow. */
public final class PodTolerationRestriction implements AdmissionPlugin {
    private static final String DEFAULTS = "scheduler.alpha.kubernetes.io/defaultTolerations";
    private static final String ALLOWED = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";
    private static final String VERSION = "podtolerationrestriction.admission.k8s.io/v1alpha1";
    private static final String MEMORY_PRESSURE = "node.kubernetes.io/memory-pressure";

    private final ObjectLookup objects;
    private final ArrayNode clusterDefaults;
    private final ArrayNode clusterAllowed;

    /**
     * @param configuration a {@code Configuration} of {@code podtolerationrestriction.admission.k8s.io/v1alpha1} with what holds
     *     in namespaces without such annotations; null for nothing
     * @throws IllegalArgumentException if it is something else
     */
    public PodTolerationRestriction(ObjectLookup objects, @Nullable JsonNode configuration) {
        this.objects = objects;
        if (configuration != null
                && !configuration.path("apiVersion").asText("").equals(VERSION)) {
            throw new IllegalArgumentException("not a Configuration of " + VERSION);
        }
        this.clusterDefaults = list(configuration, "default");
        this.clusterAllowed = list(configuration, "whitelist");
    }

    private static ArrayNode list(@Nullable JsonNode configuration, String field) {
        return configuration != null && configuration.get(field) instanceof ArrayNode list ? list : Json.array();
    }

    @Override
    public String name() {
        return "PodTolerationRestriction";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.written(request);
        if (pod == null) {
            return;
        }
        ObjectNode spec = PodWrites.spec(pod);
        JsonNode tolerations = spec.path("tolerations");
        if (request.operation() == Operation.CREATE) {
            JsonNode own = annotated(request, DEFAULTS);
            tolerations = Tolerations.merged(own == null ? clusterDefaults : own, tolerations);
        }
        if (!QualityOfService.of(spec).equals("BestEffort")) {
            tolerations = Tolerations.merged(
                    tolerations, Json.array().add(Tolerations.exists(MEMORY_PRESSURE, "NoSchedule")));
        }
        if (!tolerations.isEmpty()) {
            spec.set("tolerations", Tolerations.merged(tolerations, Json.array()));
        }
        refuseOthers(request, pod);
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.written(request);
        if (pod != null) {
            refuseOthers(request, pod);
        }
    }

    private void refuseOthers(AdmissionRequest request, ObjectNode pod) throws InterruptedException {
        JsonNode tolerations = pod.path("spec").path("tolerations");
        if (tolerations.isEmpty()) {
            return;
        }
        JsonNode own = annotated(request, ALLOWED);
        JsonNode allowed = own == null ? clusterAllowed : own;
        if (allowed.isEmpty()) {
            return;
        }
        for (JsonNode toleration : tolerations) {
            if (allowed.valueStream().noneMatch(one -> Tolerations.covers(one, toleration))) {
                String scope = own == null ? "cluster" : "namespace";
                throw ApiException.of(
                        Reason.UNKNOWN,
                        "pod tolerations (possibly merged with namespace default tolerations) conflict with its "
                                + scope + " whitelist");
            }
        }
    }

    /** The tolerations in an annotation of the request's namespace; null if it has none. */
    private @Nullable JsonNode annotated(AdmissionRequest request, String annotation) throws InterruptedException {
        String name = request.namespace();
        ObjectNode namespace = objects.recent("", "namespaces", "", name);
        if (namespace == null) {
            namespace = objects.now("", "namespaces", "", name);
        }
        if (namespace == null) {
            throw ApiException.notFound(new GroupResource("", "namespaces"), name);
        }
        String text = ObjectMeta.annotation(namespace, annotation);
        if (text == null) {
            return null;
        }
        if (text.isEmpty()) {
            return Json.array();
        }
        try {
            return Json.parse(text) instanceof ArrayNode list ? list : Json.array();
        } catch (MalformedException e) {
            throw ApiException.of(Reason.UNKNOWN, annotation + ": " + e.message());
        }
    }
}
