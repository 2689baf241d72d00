package io.keelson.apiserver.kinds.rbac;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.stream.Stream;

/** Roles, of a namespace or of the cluster. */
public final class RoleStrategy implements Strategy {
    private final boolean namespaced;

    public RoleStrategy(boolean namespaced) {
        this.namespaced = namespaced;
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    @Override
    public void validate(ObjectNode role, FieldErrors errors) {
        Place whole = Place.of(role, errors);
        whole.at("rules").items().forEach(this::rule);
        Place aggregation = whole.at("aggregationRule");
        if (!namespaced && aggregation.present()) {
            Place selectors = aggregation.at("clusterRoleSelectors");
            if (selectors.size() == 0) {
                selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
            }
            selectors.items().forEach(LabelValidation::selector);
        }
    }

    private void rule(Place rule) {
        if (rule.at("verbs").size() == 0) {
            rule.at("verbs").required("verbs must contain at least one value");
        }
        Place paths = rule.at("nonResourceURLs");
        boolean resources = Stream.of("apiGroups", "resources", "resourceNames")
                .anyMatch(list -> rule.at(list).size() > 0);
        if (paths.size() > 0) {
            if (namespaced) {
                paths.invalid("namespaced rules cannot apply to non-resource URLs");
            }
            if (resources) {
                paths.invalid("rules cannot apply to both regular resources and non-resource URLs");
            }
            return;
        }
        if (rule.at("apiGroups").size() == 0) {
            rule.at("apiGroups").required("resource rules must supply at least one api group");
        }
        if (rule.at("resources").size() == 0) {
            rule.at("resources").required("resource rules must supply at least one resource");
        }
    }
}
