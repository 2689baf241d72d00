package io.keelson.apiserver.kinds.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Groups of pods that are scheduled together. What a group is does not change once it is there. */
public final class PodGroupStrategy extends SpecAndStatus {
    private static final int CLAIMS_MAX = 4;
    private static final String DISRUPTION = "disruptionMode";

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void dropDisabled(ObjectNode group, @Nullable ObjectNode old) {
        if (group.path("spec") instanceof ObjectNode spec) {
            GroupRules.dropDisabled(spec, old == null ? MissingNode.getInstance() : old.path("spec"));
            // The default is not a matter of the feature: whoever reads the group is told it.
            if (!spec.has(DISRUPTION)) {
                spec.put(DISRUPTION, "Pod");
            }
        }
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode group, ObjectNode old) {
        super.prepareForStatusUpdate(context, group, old);
        keepMetadata(group, old);
        if (old.path("spec").path("resourceClaims").isEmpty() && group.path("status") instanceof ObjectNode status) {
            status.remove("resourceClaimStatuses");
        }
    }

    @Override
    public void validate(ObjectNode group, FieldErrors errors) {
        Place spec = Place.of(group, errors).at("spec");
        GroupRules.policy(spec.at("schedulingPolicy"));
        Place template = spec.at("podGroupTemplateRef");
        if (template.present()) {
            Place workload = template.at("workload");
            if (workload.absent()) {
                template.invalid("", "must specify one of: `workload`");
            } else {
                workload.at("workloadName").requireAndCheck(Names::dnsSubdomain);
                workload.at("podGroupTemplateName").requireAndCheck(Names::dnsLabel);
            }
        }
    }

    @Override
    public void validateChanged(ObjectNode group, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(group, errors).at("spec");
        JsonNode before = old.path("spec");
        for (String field : new String[] {"podGroupTemplateRef", "schedulingPolicy", "resourceClaims"}) {
            spec.at(field).mustEqual(before.path(field));
        }
        for (String field : new String[] {"schedulingConstraints", DISRUPTION, "priorityClassName", "priority"}) {
            if (!SemanticEquality.equal(spec.at(field).value(), before.path(field))) {
                spec.at(field).mustBeAbsent("");
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode group, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(group, errors).at("status");
        LabelValidation.conditions(status.at("conditions"));
        Place claims = status.at("resourceClaimStatuses");
        if (claims.size() > CLAIMS_MAX) {
            claims.tooMany(CLAIMS_MAX);
            return;
        }
        Set<String> known = new HashSet<>();
        group.path("spec")
                .path("resourceClaims")
                .forEach(claim -> known.add(claim.path("name").asText("")));
        for (Place claim : claims.items()) {
            if (!known.contains(claim.at("name").text())) {
                claim.at("name").invalid("must match the name of an entry in `spec.resourceClaims`");
            }
            if (claim.at("resourceClaimName").present()) {
                claim.at("resourceClaimName").check(Names::dnsSubdomain);
            }
        }
    }
}
