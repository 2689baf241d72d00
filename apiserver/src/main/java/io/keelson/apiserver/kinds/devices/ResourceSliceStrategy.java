package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Devices of a driver, on a node or elsewhere. */
public final class ResourceSliceStrategy implements Strategy {
    private static final int DEVICES_MAX = 128;

    @Override
    public void validate(ObjectNode slice, FieldErrors errors) {
        Place spec = Place.of(slice, errors).at("spec");
        long where = Stream.of("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection")
                .filter(field -> spec.at(field).filled())
                .count();
        if (where != 1) {
            spec.invalid("exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required");
        }
        spec.at("nodeName").checkIfFilled(Names::dnsSubdomain);
        DeviceRules.driver(spec.at("driver"));
        Place pool = spec.at("pool");
        pool.at("name").mustBeFilled();
        if (pool.at("resourceSliceCount").number() <= 0) {
            pool.at("resourceSliceCount").invalid(pool.at("resourceSliceCount").number(), "must be greater than zero");
        }
        pool.at("generation").notNegative();
        Place devices = spec.at("devices");
        if (devices.size() > DEVICES_MAX) {
            devices.tooMany(DEVICES_MAX);
        }
        Set<String> names = new HashSet<>();
        for (Place device : devices.items()) {
            device.at("name").requireAndCheck(Names::dnsLabel);
            if (!names.add(device.at("name").text())) {
                device.at("name").duplicate();
            }
        }
    }

    @Override
    public void validateUpdate(ObjectNode slice, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(slice, errors).at("spec");
        JsonNode before = old.path("spec");
        for (String field : List.of("nodeName", "driver", "allNodes")) {
            spec.at(field).mustEqual(before.path(field));
        }
        spec.at("pool", "name").mustEqual(before.path("pool").path("name"));
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode slice) {
        JsonNode spec = slice.path("spec");
        return Map.of(
                "spec.nodeName", spec.path("nodeName").asText(""),
                "spec.driver", spec.path("driver").asText(""));
    }
}
