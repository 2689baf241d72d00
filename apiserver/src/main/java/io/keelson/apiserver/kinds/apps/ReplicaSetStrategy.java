package io.keelson.apiserver.kinds.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.kinds.pod.ReplicaRules;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replica sets. */
public final class ReplicaSetStrategy extends SpecAndStatus {
    @Override
    public void applyDefaults(ObjectNode set) {
        ObjectNode spec = Fill.object(set, "spec");
        Fill.number(spec, "replicas", 1);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void dropDisabled(ObjectNode set, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(set, old);
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("replicas", 0);
    }

    @Override
    public void validate(ObjectNode set, FieldErrors errors) {
        Place spec = Place.of(set, errors).at("spec");
        spec.at("replicas").notNegative();
        spec.at("minReadySeconds").notNegative();
        ReplicaRules.selector(spec.at("selector"), "deployment");
        Place template = spec.at("template");
        PodTemplateRules.mustMatch(template, spec.at("selector"));
        PodTemplateRules.validate(template);
        PodTemplateRules.alwaysRestarted(template, "ReplicaSet");
    }

    @Override
    public void validateUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        Place.of(set, errors).at("spec", "selector").mustEqual(old.path("spec").path("selector"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(set, errors).at("status");
        ReplicaRules.counts(
                status,
                old.path("status"),
                "fullyLabeledReplicas",
                "readyReplicas",
                "availableReplicas",
                "terminatingReplicas");
        ObjectRules.atMost(
                status.at("availableReplicas"), status.at("readyReplicas"), "cannot be greater than readyReplicas");
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode set) {
        return Map.of(
                "status.replicas",
                Long.toString(set.path("status").path("replicas").asLong()));
    }

    @Override
    public void warn(ObjectNode set, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfName(set, old, warnings);
        PodWarnings.tellOfWorkload(set, old, warnings);
    }
}
