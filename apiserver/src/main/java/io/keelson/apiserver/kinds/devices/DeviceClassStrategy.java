package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;

/** Classes of devices, for claims to name. */
public final class DeviceClassStrategy implements Strategy {
    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public void validate(ObjectNode deviceClass, FieldErrors errors) {
        validate(deviceClass, MissingNode.getInstance(), errors);
    }

    @Override
    public void validateChanged(ObjectNode deviceClass, ObjectNode old, FieldErrors errors) {
        validate(deviceClass, old.path("spec").path("config"), errors);
    }

    private static void validate(ObjectNode deviceClass, JsonNode configurationBefore, FieldErrors errors) {
        Place spec = Place.of(deviceClass, errors).at("spec");
        SelectorRules.selectors(spec.at("selectors"));
        Place configurations = spec.at("config");
        boolean stored = SemanticEquality.equal(configurations.value(), configurationBefore);
        for (Place configuration : Bounded.items(configurations, ConfigurationRules.CONFIGURATIONS_MAX)) {
            ConfigurationRules.configuration(configuration, stored);
        }
        Place name = spec.at("extendedResourceName");
        if (name.present() && !ResourceNames.isExtended(name.text())) {
            name.invalid("must be a valid extended resource name");
        }
    }
}
