package io.keelson.apiserver.kinds.rbac;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;

/** Bindings of roles, in a namespace or in the cluster. */
public final class RoleBindingStrategy implements Strategy {
    private static final String GROUP = "rbac.authorization.k8s.io";

    private final boolean namespaced;

    public RoleBindingStrategy(boolean namespaced) {
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
    public void applyDefaults(ObjectNode binding) {
        if (binding.path("roleRef") instanceof ObjectNode role) {
            Fill.text(role, "apiGroup", GROUP);
        }
        for (ObjectNode subject : Fill.objects(binding.path("subjects"))) {
            if (List.of("User", "Group").contains(subject.path("kind").asText())) {
                Fill.text(subject, "apiGroup", GROUP);
            }
        }
    }

    @Override
    public void validate(ObjectNode binding, FieldErrors errors) {
        Place whole = Place.of(binding, errors);
        Place role = whole.at("roleRef");
        if (!role.at("apiGroup").is(GROUP)) {
            role.at("apiGroup").notSupported(GROUP);
        }
        Place kind = role.at("kind");
        if (namespaced ? !kind.is("Role") && !kind.is("ClusterRole") : !kind.is("ClusterRole")) {
            kind.notSupported(namespaced ? new String[] {"Role", "ClusterRole"} : new String[] {"ClusterRole"});
        }
        role.at("name").requireAndCheck(Names::pathSegment);
        whole.at("subjects").items().forEach(this::subject);
    }

    private void subject(Place subject) {
        Place name = subject.at("name");
        Place group = subject.at("apiGroup");
        name.mustBeFilled();
        switch (subject.at("kind").text()) {
            case "ServiceAccount" -> {
                name.checkIfFilled(Names::dnsSubdomain);
                if (group.filled()) {
                    group.notSupported("");
                }
                if (!namespaced && subject.at("namespace").empty()) {
                    subject.at("namespace").required("");
                }
            }
            case "User", "Group" -> {
                if (!group.is(GROUP)) {
                    group.notSupported(GROUP);
                }
            }
            default -> subject.at("kind").notSupported("ServiceAccount", "User", "Group");
        }
    }

    @Override
    public void validateUpdate(ObjectNode binding, ObjectNode old, FieldErrors errors) {
        Place role = Place.of(binding, errors).at("roleRef");
        if (!SemanticEquality.equal(role.value(), old.path("roleRef"))) {
            role.invalid("cannot change roleRef");
        }
    }
}
