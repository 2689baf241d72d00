package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.pod.PodAmounts;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds pods and claims to the limit ranges of their namespace: containers that do not say what they need get what the
 * ranges say, and what is too little, too much or too far apart is refused.
 */
public final class LimitRanger implements AdmissionPlugin {
    private static final String CLAIMS = "persistentvolumeclaims";

    private final ObjectLookup objects;

    public LimitRanger(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "LimitRanger";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode object = limited(request);
        if (object != null && isOfPods(request)) {
            for (ObjectNode range : ranges(request)) {
                LimitDefaults.fillIn(object, range);
            }
        }
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode object = limited(request);
        if (object == null) {
            return;
        }
        for (ObjectNode range : ranges(request)) {
            Set<String> wrong = new LinkedHashSet<>();
            for (JsonNode limit : range.path("spec").path("limits")) {
                LimitRules rules = new LimitRules(limit, wrong);
                if (isOfPods(request)) {
                    judgePod(rules, limit, object);
                } else if (limit.path("type").asText().equals("PersistentVolumeClaim")) {
                    rules.requestsOnly(PodAmounts.list(
                            object.path("spec").path("resources").path("requests")));
                }
            }
            if (!wrong.isEmpty()) {
                throw request.forbidden(
                        wrong.size() == 1 ? wrong.iterator().next() : "[" + String.join(", ", wrong) + "]");
            }
        }
    }

    private static void judgePod(LimitRules rules, JsonNode limit, ObjectNode pod) {
        switch (limit.path("type").asText()) {
            case "Container" -> {
                for (String list : List.of("containers", "initContainers")) {
                    for (JsonNode container : pod.path("spec").path(list)) {
                        JsonNode resources = container.path("resources");
                        rules.judge(
                                PodAmounts.list(resources.path("requests")), PodAmounts.list(resources.path("limits")));
                    }
                }
            }
            case "Pod" -> {
                Map<String, Quantity> requests = PodAmounts.requests(pod);
                rules.judge(requests, PodAmounts.limits(pod));
            }
            default -> {
                // Of claims, or of kinds that somebody else limits.
            }
        }
    }

    private static boolean isOfPods(AdmissionRequest request) {
        return request.resource().name().resource().equals("pods");
    }

    /** The object, if it is one that ranges are about and the write may change what it needs. */
    private static @Nullable ObjectNode limited(AdmissionRequest request) {
        boolean core = request.resource().name().group().isEmpty();
        String resource = request.resource().name().resource();
        boolean created = request.operation() == Operation.CREATE;
        boolean updated = request.operation() == Operation.UPDATE;
        boolean concerned = core
                && switch (resource) {
                    // The containers of a pod change only by being resized.
                    case "pods" ->
                        (created && request.subresource().isEmpty())
                                || (updated && request.subresource().equals("resize"));
                    case CLAIMS -> (created || updated) && request.subresource().isEmpty();
                    default -> false;
                };
        ObjectNode old = request.old();
        return concerned && (old == null || !ObjectMeta.isBeingDeleted(old)) ? request.object() : null;
    }

    private List<ObjectNode> ranges(AdmissionRequest request) throws InterruptedException {
        return objects.all("", "limitranges", request.namespace());
    }
}
