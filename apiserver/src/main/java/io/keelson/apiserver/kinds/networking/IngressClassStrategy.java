package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Formats;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;

/** Classes of ingresses. */
public final class IngressClassStrategy implements Strategy {
    private static final int CONTROLLER_CHARS_MAX = 250;

    @Override
    public void applyDefaults(ObjectNode ingressClass) {
        if (ingressClass.path("spec").path("parameters") instanceof ObjectNode parameters
                && !parameters.hasNonNull("scope")) {
            parameters.put("scope", "Cluster");
        }
    }

    @Override
    public void validate(ObjectNode ingressClass, FieldErrors errors) {
        Place spec = Place.of(ingressClass, errors).at("spec");
        Place controller = spec.at("controller");
        if (controller.text().length() > CONTROLLER_CHARS_MAX) {
            controller.tooLong(CONTROLLER_CHARS_MAX);
        }
        Formats.domainPrefixedPath(controller);
        Place parameters = spec.at("parameters");
        if (parameters.absent()) {
            return;
        }
        IngressRules.reference(parameters);
        Place scope = parameters.at("scope");
        if (scope.absent()) {
            scope.required("");
            return;
        }
        Place namespace = parameters.at("namespace");
        switch (scope.text()) {
            case "Namespace" -> {
                if (namespace.absent()) {
                    namespace.required("`parameters.scope` is set to 'Namespace'");
                } else {
                    namespace.check(Names::dnsLabel);
                }
            }
            case "Cluster" -> namespace.mustBeAbsent("`parameters.scope` is set to 'Cluster'");
            default -> scope.notSupported("Cluster", "Namespace");
        }
    }

    @Override
    public void validateUpdate(ObjectNode ingressClass, ObjectNode old, FieldErrors errors) {
        Place.of(ingressClass, errors)
                .at("spec", "controller")
                .mustEqual(old.path("spec").path("controller"));
    }
}
