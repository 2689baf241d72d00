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
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deployments. */
public final class DeploymentStrategy extends SpecAndStatus {
    @Override
    public void applyDefaults(ObjectNode deployment) {
        ObjectNode spec = Fill.object(deployment, "spec");
        Fill.number(spec, "replicas", 1);
        ObjectNode strategy = Fill.object(spec, "strategy");
        Fill.text(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            ObjectNode rolling = Fill.object(strategy, "rollingUpdate");
            for (String limit : List.of("maxUnavailable", "maxSurge")) {
                if (!rolling.hasNonNull(limit)) {
                    rolling.put(limit, "25%");
                }
            }
        }
        Fill.number(spec, "revisionHistoryLimit", 10);
        Fill.number(spec, "progressDeadlineSeconds", 600);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void dropDisabled(ObjectNode deployment, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(deployment, old);
    }

    /** A deployment's controller reads its annotations too: a change of them is a new generation. */
    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode deployment, ObjectNode old) {
        super.prepareForUpdate(context, deployment, old);
        ObjectNode metadata = Fill.object(deployment, "metadata");
        if (!SemanticEquality.equal(
                metadata.path("annotations"), old.path("metadata").path("annotations"))) {
            metadata.put("generation", old.path("metadata").path("generation").asLong() + 1);
        }
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode deployment, ObjectNode old) {
        super.prepareForStatusUpdate(context, deployment, old);
        keepLabels(deployment, old);
    }

    @Override
    public void validate(ObjectNode deployment, FieldErrors errors) {
        Place spec = Place.of(deployment, errors).at("spec");
        spec.at("replicas").notNegative();
        ReplicaRules.selector(spec.at("selector"), "deployment");
        Place template = spec.at("template");
        PodTemplateRules.mustMatch(template, spec.at("selector"));
        PodTemplateRules.validate(template);
        PodTemplateRules.alwaysRestarted(template, "ReplicaSet");
        strategy(spec.at("strategy"));
        spec.at("minReadySeconds").notNegative();
        spec.at("revisionHistoryLimit").notNegative();
        Place deadline = spec.at("progressDeadlineSeconds");
        if (deadline.present()) {
            deadline.notNegative();
            if (deadline.number() <= spec.at("minReadySeconds").number()) {
                deadline.invalid("must be greater than minReadySeconds");
            }
        }
    }

    private static void strategy(Place strategy) {
        Place rolling = strategy.at("rollingUpdate");
        switch (strategy.at("type").text()) {
            case "Recreate" -> rolling.mustBeAbsent("may not be specified when strategy `type` is 'Recreate'");
            case "RollingUpdate" -> rolling(rolling);
            default -> strategy.notSupported("Recreate", "RollingUpdate");
        }
    }

    private static void rolling(Place rolling) {
        if (rolling.absent()) {
            rolling.required("this should be defaulted and never be nil");
            return;
        }
        Place unavailable = rolling.at("maxUnavailable");
        Place surge = rolling.at("maxSurge");
        ObjectRules.numberOrPercent(unavailable);
        ObjectRules.numberOrPercent(surge);
        if (ObjectRules.amount(unavailable) == 0 && ObjectRules.amount(surge) == 0) {
            unavailable.invalid("may not be 0 when `maxSurge` is 0");
        }
        ObjectRules.atMostHundredPercent(unavailable);
    }

    @Override
    public void validateUpdate(ObjectNode deployment, ObjectNode old, FieldErrors errors) {
        Place.of(deployment, errors)
                .at("spec", "selector")
                .mustEqual(old.path("spec").path("selector"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode deployment, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(deployment, errors).at("status");
        ReplicaRules.counts(
                status,
                old.path("status"),
                "updatedReplicas",
                "readyReplicas",
                "availableReplicas",
                "unavailableReplicas",
                "terminatingReplicas");
        ObjectRules.atMost(
                status.at("availableReplicas"), status.at("readyReplicas"), "cannot be greater than readyReplicas");
    }

    @Override
    public void warn(ObjectNode deployment, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfName(deployment, old, warnings);
        PodWarnings.tellOfWorkload(deployment, old, warnings);
    }
}
