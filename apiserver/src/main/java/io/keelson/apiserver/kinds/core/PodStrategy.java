package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.AppArmorAnnotations;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.LabelKeys;
import io.keelson.apiserver.kinds.pod.ObservedGenerations;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodRules;
import io.keelson.apiserver.kinds.pod.PodStatusRules;
import io.keelson.apiserver.kinds.pod.PodUpdateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.kinds.pod.QualityOfService;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pods. */
public final class PodStrategy extends SpecAndStatus {
    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public void applyDefaults(ObjectNode pod) {
        PodDefaults.pod(pod);
        if (pod.path("status") instanceof ObjectNode status) {
            addresses(status);
        }
    }

    /** The first address has a field of its own beside the list of all; the field counts. */
    private static void addresses(ObjectNode status) {
        String first = status.path("podIP").asText("");
        String listed = status.path("podIPs").path(0).path("ip").asText("");
        if (first.isEmpty() && !listed.isEmpty()) {
            status.put("podIP", listed);
        } else if (!first.isEmpty() && !first.equals(listed)) {
            status.putArray("podIPs").addObject().put("ip", first);
        }
    }

    @Override
    public void dropDisabled(ObjectNode pod, @Nullable ObjectNode old) {
        DisabledPodFields.OF_POD.drop(pod, old);
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode pod) {
        ObjectNode status = pod.putObject("status");
        status.put("phase", "Pending");
        status.put("qosClass", QualityOfService.of(pod.path("spec")));
        if (!pod.path("spec").path("schedulingGates").isEmpty()) {
            status.putArray("conditions")
                    .addObject()
                    .put("type", "PodScheduled")
                    .put("status", "False")
                    .put("reason", "SchedulingGated")
                    .put("message", "Scheduling is blocked due to non-empty scheduling gates");
        }
        LabelKeys.resolve(pod);
        AppArmorAnnotations.intoFields(pod, context.warnings());
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode pod, ObjectNode old) {
        super.prepareForStatusUpdate(context, pod, old);
        ObjectNode metadata = Fill.object(pod, "metadata");
        if (old.path("metadata") instanceof ObjectNode before) {
            Fill.copy(before, metadata, "ownerReferences");
            Fill.copy(before, metadata, "deletionTimestamp");
        }
        ObjectNode status = Fill.object(pod, "status");
        String quality = old.path("status").path("qosClass").asText("");
        if (!quality.isEmpty()) {
            Fill.text(status, "qosClass", quality);
        }
        ObservedGenerations.keep(status, old.path("status"));
    }

    @Override
    public void validate(ObjectNode pod, FieldErrors errors) {
        PodRules.validate(pod, errors);
        if (pod.path("metadata").path("resourceVersion").asText("").isEmpty()) {
            PodRules.validateCreate(pod, errors);
        }
    }

    @Override
    public void validateUpdate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        PodUpdateRules.validate(pod, old, errors);
    }

    @Override
    public void validateStatusUpdate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        PodStatusRules.validate(pod, old, errors);
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode pod) {
        JsonNode spec = pod.path("spec");
        JsonNode status = pod.path("status");
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : new String[] {"nodeName", "restartPolicy", "schedulerName", "serviceAccountName"}) {
            fields.put("spec." + field, spec.path(field).asText(""));
        }
        // What nodeName was called at first; some still ask by it.
        fields.put("spec.host", spec.path("nodeName").asText(""));
        fields.put("spec.hostNetwork", Boolean.toString(spec.path("hostNetwork").asBoolean()));
        for (String field : new String[] {"phase", "podIP", "nominatedNodeName"}) {
            fields.put("status." + field, status.path(field).asText(""));
        }
        // It may be asked for, but is in no pod: its addresses are a list.
        fields.put("status.podIPs", "");
        return fields;
    }

    @Override
    public long gracePeriodSeconds(ObjectNode pod, long requestedSeconds) {
        JsonNode spec = pod.path("spec");
        String phase = pod.path("status").path("phase").asText("");
        if (spec.path("nodeName").asText("").isEmpty() || phase.equals("Failed") || phase.equals("Succeeded")) {
            return 0;
        }
        long seconds = requestedSeconds >= 0
                ? requestedSeconds
                : spec.path("terminationGracePeriodSeconds").asLong();
        return seconds < 0 ? 1 : seconds;
    }

    @Override
    public void warn(ObjectNode pod, @Nullable ObjectNode old, List<String> warnings) {
        // People seldom change pods, and programs do it often.
        if (old == null) {
            PodWarnings.tell(pod, warnings);
        }
    }
}
