package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Classes of devices. */
public final class DeviceClassStrategy implements Strategy {
    @Override
    public void validate(ObjectNode deviceClass, FieldErrors errors) {
        Place spec = Place.of(deviceClass, errors).at("spec");
        DeviceRules.selectors(spec.at("selectors"));
        spec.at("config").items().forEach(DeviceRules::configuration);
    }
}
