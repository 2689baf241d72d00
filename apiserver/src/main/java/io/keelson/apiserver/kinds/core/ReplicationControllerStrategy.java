package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.resource.GarbageCollection;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replication controllers, the predecessors of replica sets. */
public final class ReplicationControllerStrategy extends SpecAndStatus {
    @Override
    public GarbageCollection garbageCollection() {
        return GarbageCollection.ORPHAN;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fill.object(object, "spec");
        Fill.number(spec, "replicas", 1);
        PodDefaults.template(spec.path("template"));
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        if (!labels.isEmpty()) {
            if (spec.path("selector").isEmpty()) {
                spec.set("selector", labels.deepCopy());
            }
            ObjectNode metadata = Fill.object(object, "metadata");
            if (metadata.path("labels").isEmpty()) {
                metadata.set("labels", labels.deepCopy());
            }
        }
    }

    @Override
    public void dropDisabled(ObjectNode object, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(object, old);
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("replicas", 0);
    }

    @Override
    public void validate(ObjectNode object, FieldErrors errors) {
        Place spec = Place.of(object, errors).at("spec");
        spec.at("minReadySeconds").notNegative();
        spec.at("selector").mustBeFilled();
        spec.at("replicas").notNegative();
        Place template = spec.at("template");
        if (template.absent()) {
            template.required("");
            return;
        }
        PodTemplateRules.mustMatchLabels(template, spec.at("selector"));
        PodTemplateRules.validate(template);
        PodTemplateRules.alwaysRestarted(template, "ReplicationController");
    }

    @Override
    public void validateStatusUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(object, errors).at("status");
        for (String field : List.of(
                "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")) {
            status.at(field).notNegative();
        }
        for (String field : List.of("fullyLabeledReplicas", "readyReplicas", "availableReplicas")) {
            ObjectRules.atMost(status.at(field), status.at("replicas"), "cannot be greater than status.replicas");
        }
        ObjectRules.atMost(
                status.at("availableReplicas"), status.at("readyReplicas"), "cannot be greater than readyReplicas");
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode object) {
        return Map.of(
                "status.replicas",
                Long.toString(object.path("status").path("replicas").asLong()));
    }

    @Override
    public void warn(ObjectNode controller, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfName(controller, old, warnings);
        PodWarnings.tellOfWorkload(controller, old, warnings);
    }
}
