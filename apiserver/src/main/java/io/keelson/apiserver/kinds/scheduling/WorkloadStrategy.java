package io.keelson.apiserver.kinds.scheduling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Workloads, by whose templates groups of pods are made. What a workload says does not change once it is there. */
public final class WorkloadStrategy implements Strategy {
    private static final int TEMPLATES_MAX = 8;

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void dropDisabled(ObjectNode workload, @Nullable ObjectNode old) {
        List<ObjectNode> templates = Fill.objects(workload.path("spec").path("podGroupTemplates"));
        JsonNode before =
                old == null ? MissingNode.getInstance() : old.path("spec").path("podGroupTemplates");
        for (int i = 0; i < templates.size(); i++) {
            GroupRules.dropDisabled(templates.get(i), before.path(i));
        }
    }

    @Override
    public void validate(ObjectNode workload, FieldErrors errors) {
        Place spec = Place.of(workload, errors).at("spec");
        Place controller = spec.at("controllerRef");
        if (controller.present()) {
            controller.at("apiGroup").checkIfFilled(Names::dnsSubdomain);
            controller.at("kind").requireAndCheck(Names::pathSegment);
            controller.at("name").requireAndCheck(Names::pathSegment);
        }
        Place templates = spec.at("podGroupTemplates");
        if (templates.size() == 0) {
            templates.required("");
        } else if (templates.size() > TEMPLATES_MAX) {
            templates.tooMany(TEMPLATES_MAX);
        } else {
            Set<String> names = new HashSet<>();
            for (Place template : templates.items()) {
                if (!names.add(template.at("name").text())) {
                    template.duplicate();
                }
                template.at("name").requireAndCheck(Names::dnsLabel);
                GroupRules.policy(template.at("schedulingPolicy"));
            }
        }
    }

    @Override
    public void validateChanged(ObjectNode workload, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(workload, errors).at("spec");
        for (String field : new String[] {"controllerRef", "podGroupTemplates"}) {
            spec.at(field).mustEqual(old.path("spec").path(field));
        }
    }
}
