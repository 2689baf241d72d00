package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What puts policies of admission to use. */
public final class AdmissionPolicyBindingStrategy implements Strategy {
    private final boolean mutating;

    public AdmissionPolicyBindingStrategy(boolean mutating) {
        this.mutating = mutating;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode binding) {
        if (binding.path("spec").path("matchResources") instanceof ObjectNode match) {
            WebhookRules.matchDefaults(match);
        }
    }

    @Override
    public void validate(ObjectNode binding, FieldErrors errors) {
        Place spec = Place.of(binding, errors).at("spec");
        spec.at("policyName").requireAndCheck(Names::dnsSubdomain);
        Place parameters = spec.at("paramRef");
        if (parameters.present()) {
            boolean named = parameters.at("name").filled();
            boolean selected = parameters.at("selector").present();
            if (named) {
                parameters.at("name").check(Names::pathSegment);
                if (selected) {
                    parameters.at("name").forbidden("name and selector are mutually exclusive");
                    parameters.at("selector").forbidden("name and selector are mutually exclusive");
                }
            } else if (!selected) {
                parameters.required("one of name or selector must be specified");
            }
            LabelValidation.selector(parameters.at("selector"));
            parameters.at("parameterNotFoundAction").oneOf("Allow", "Deny");
        }
        PolicyMatching.resources(spec.at("matchResources"), mutating);
        if (!mutating) {
            actions(spec.at("validationActions"));
        }
    }

    private static void actions(Place actions) {
        if (actions.size() == 0) {
            actions.required("at least one validation action is required");
        }
        Set<String> seen = new HashSet<>();
        for (Place action : actions.items()) {
            action.oneOf("Audit", "Deny", "Warn");
            if (!seen.add(action.text())) {
                action.duplicate();
            }
        }
        if (seen.containsAll(List.of("Deny", "Warn"))) {
            actions.invalid(
                    "must not contain both Deny and Warn (repeating the same validation failure information in the"
                            + " API response and headers serves no purpose)");
        }
    }
}
