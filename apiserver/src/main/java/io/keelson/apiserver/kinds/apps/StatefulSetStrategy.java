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
import io.keelson.apiserver.kinds.pod.ReplicaRules;
import io.keelson.apiserver.kinds.pod.VolumeDefaults;
import io.keelson.apiserver.kinds.pod.VolumeWarnings;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stateful sets. */
public final class StatefulSetStrategy extends SpecAndStatus {
    private static final List<String> CHANGEABLE = List.of(
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds");

    /** Pods are named after the set, with a number behind a dash, and their names have to be labels. */
    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public void applyDefaults(ObjectNode set) {
        ObjectNode spec = Fill.object(set, "spec");
        Fill.text(spec, "podManagementPolicy", "OrderedReady");
        ObjectNode strategy = Fill.object(spec, "updateStrategy");
        if (strategy.path("type").asText("").isEmpty()) {
            strategy.put("type", "RollingUpdate");
            Fill.number(Fill.object(strategy, "rollingUpdate"), "partition", 0);
        } else if (strategy.path("type").asText().equals("RollingUpdate")
                && strategy.path("rollingUpdate") instanceof ObjectNode rolling) {
            Fill.number(rolling, "partition", 0);
        }
        ObjectNode retention = Fill.object(spec, "persistentVolumeClaimRetentionPolicy");
        Fill.text(retention, "whenDeleted", "Retain");
        Fill.text(retention, "whenScaled", "Retain");
        Fill.number(spec, "replicas", 1);
        Fill.number(spec, "revisionHistoryLimit", 10);
        PodDefaults.template(spec.path("template"));
        for (ObjectNode claim : Fill.objects(spec.path("volumeClaimTemplates"))) {
            Fill.text(claim, "apiVersion", "v1");
            Fill.text(claim, "kind", "PersistentVolumeClaim");
            VolumeDefaults.claimSpec(Fill.object(claim, "spec"));
            Fill.text(Fill.object(claim, "status"), "phase", "Pending");
        }
    }

    @Override
    public void dropDisabled(ObjectNode set, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(set, old);
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("replicas", 0);
        status.put("availableReplicas", 0);
    }

    @Override
    public void validate(ObjectNode set, FieldErrors errors) {
        Place spec = Place.of(set, errors).at("spec");
        Place management = spec.at("podManagementPolicy");
        if (management.empty()) {
            management.required("");
        } else if (!management.is("OrderedReady") && !management.is("Parallel")) {
            management.invalid("must be 'OrderedReady' or 'Parallel'");
        }
        updateStrategy(spec.at("updateStrategy"));
        Place retention = spec.at("persistentVolumeClaimRetentionPolicy");
        if (retention.present()) {
            for (String when : List.of("whenDeleted", "whenScaled")) {
                if (!List.of("Retain", "Delete").contains(retention.at(when).text())) {
                    retention.at(when).notSupported("Retain", "Delete");
                }
            }
        }
        spec.at("replicas").notNegative();
        spec.at("minReadySeconds").notNegative();
        spec.at("ordinals", "start").as(spec.path().child("ordinals.start")).notNegative();
        spec.at("revisionHistoryLimit").notNegative();
        ReplicaRules.selector(spec.at("selector"), "statefulset");
        Place template = spec.at("template");
        PodTemplateRules.mustMatch(template, spec.at("selector"));
        PodTemplateRules.validateWithClaims(template, spec.at("volumeClaimTemplates"));
        PodTemplateRules.alwaysRestarted(template, "StatefulSet");
        spec.at("serviceName").checkIfFilled(Names::dnsSubdomain);
    }

    private static void updateStrategy(Place strategy) {
        Place rolling = strategy.at("rollingUpdate");
        switch (strategy.at("type").text()) {
            case "" -> strategy.required("");
            case "OnDelete" -> {
                if (rolling.present()) {
                    rolling.invalid("only allowed for updateStrategy 'RollingUpdate'");
                }
            }
            case "RollingUpdate" -> {
                rolling.at("partition").notNegative();
                Place unavailable = rolling.at("maxUnavailable");
                if (unavailable.present()) {
                    ObjectRules.numberOrPercent(unavailable);
                    if (ObjectRules.amount(unavailable) == 0) {
                        unavailable.invalid("cannot be 0");
                    }
                    ObjectRules.atMostHundredPercent(unavailable);
                }
            }
            default -> strategy.invalid("must be 'RollingUpdate' or 'OnDelete'");
        }
    }

    @Override
    public void validateUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        if (set.path("spec") instanceof ObjectNode spec && old.path("spec") instanceof ObjectNode before) {
            boolean same = SemanticEquality.equal(
                    spec.deepCopy().without(CHANGEABLE), before.deepCopy().without(CHANGEABLE));
            if (!same) {
                Place.of(set, errors)
                        .at("spec")
                        .forbidden(
                                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
                                        + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
                                        + " 'minReadySeconds' are forbidden");
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode set, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(set, errors).at("status");
        ReplicaRules.counts(
                status, old.path("status"), "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas");
        ObjectRules.atMost(
                status.at("availableReplicas"),
                status.at("readyReplicas"),
                "cannot be greater than status.readyReplicas");
    }

    @Override
    public void warn(ObjectNode set, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfWorkload(set, old, warnings);
        if (!PodWarnings.isOther(set, old)) {
            return;
        }
        JsonNode claims = set.path("spec").path("volumeClaimTemplates");
        for (int i = 0; i < claims.size(); i++) {
            VolumeWarnings.tellOfClaimSpec(
                    claims.path(i).path("spec"), "spec.volumeClaimTemplates[" + i + "].Spec", warnings);
        }
        if (set.path("spec").path("revisionHistoryLimit").asLong() < 0) {
            warnings.add("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is"
                    + " recommended");
        }
    }
}
