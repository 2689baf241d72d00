package io.keelson.apiserver.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Daemon sets. The generation of their template is kept in an annotation. */
public final class DaemonSetStrategy extends SpecAndStatus {
    static final String TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

    private static final List<String> COUNTS =
            List.of("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady");

    @Override
    public void applyDefaults(ObjectNode set) {
        ObjectNode spec = Fill.object(set, "spec");
        ObjectNode strategy = Fill.object(spec, "updateStrategy");
        Fill.text(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            ObjectNode rolling = Fill.object(strategy, "rollingUpdate");
            Fill.number(rolling, "maxUnavailable", 1);
            Fill.number(rolling, "maxSurge", 0);
        }
        Fill.number(spec, "revisionHistoryLimit", 10);
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void dropDisabled(ObjectNode set, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(set, old);
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        COUNTS.forEach(count -> status.put(count, 0));
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode set) {
        super.prepareForCreate(context, set);
        templateGeneration(set, 1);
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode set, ObjectNode old) {
        super.prepareForUpdate(context, set, old);
        long generation = old.path("metadata")
                .path("annotations")
                .path(TEMPLATE_GENERATION)
                .asLong();
        boolean changed = !SemanticEquality.equal(
                set.path("spec").path("template"), old.path("spec").path("template"));
        templateGeneration(set, changed ? generation + 1 : generation);
    }

    private static void templateGeneration(ObjectNode set, long generation) {
        Fill.object(Fill.object(set, "metadata"), "annotations").put(TEMPLATE_GENERATION, Long.toString(generation));
    }

    @Override
    public void validate(ObjectNode set, FieldErrors errors) {
        Place spec = Place.of(set, errors).at("spec");
        Place selector = spec.at("selector");
        LabelValidation.selector(selector);
        Place template = spec.at("template");
        PodTemplateRules.mustMatch(template, selector);
        if (selector.present() && !LabelValidation.selectsSomething(selector)) {
            selector.invalid("empty selector is invalid for daemonset");
        }
        PodTemplateRules.validate(template);
        PodTemplateRules.alwaysRestarted(template, "DaemonSet");
        spec.at("minReadySeconds").notNegative();
        updateStrategy(spec.at("updateStrategy"));
        spec.at("revisionHistoryLimit").notNegative();
    }

    private static void updateStrategy(Place strategy) {
        Place rolling = strategy.at("rollingUpdate");
        switch (strategy.at("type").text()) {
            case "OnDelete" -> {}
            case "RollingUpdate" -> {
                if (rolling.absent()) {
                    rolling.required("");
                } else {
                    rolling(rolling.at("maxUnavailable"), rolling.at("maxSurge"));
                }
            }
            default -> strategy.notSupported("RollingUpdate", "OnDelete");
        }
    }

    private static void rolling(Place unavailable, Place surge) {
        for (Place limit : List.of(unavailable, surge)) {
            ObjectRules.numberOrPercent(limit);
            ObjectRules.atMostHundredPercent(limit);
        }
        boolean fewer = ObjectRules.amount(unavailable) != 0;
        boolean more = ObjectRules.amount(surge) != 0;
        if (fewer && more) {
            surge.invalid("may not be set when maxUnavailable is non-zero");
        } else if (!fewer && !more) {
            unavailable.required("cannot be 0 when maxSurge is 0");
        }
    }

    @Override
    public void validateUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        Place.of(set, errors).at("spec", "selector").mustEqual(old.path("spec").path("selector"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(set, errors).at("status");
        COUNTS.forEach(count -> status.at(count).notNegative());
        for (String count :
                List.of("observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable")) {
            status.at(count).notNegative();
        }
        JsonNode before = old.path("status");
        ObjectRules.collisionCount(status, before);
    }

    @Override
    public void warn(ObjectNode set, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfWorkload(set, old, warnings);
    }
}
