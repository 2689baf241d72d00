package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Devices of a driver, on a node or elsewhere. */
public final class ResourceSliceStrategy implements Strategy {
    /** Attributes with several values are for a later version. */
    private static final List<String> LISTS = List.of("bools", "ints", "strings", "versions");

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode slice) {
        prepare(slice, context.now());
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode slice, ObjectNode old) {
        prepare(slice, context.now());
    }

    private static void prepare(ObjectNode slice, Instant now) {
        for (ObjectNode device : Fill.objects(slice.path("spec").path("devices"))) {
            for (JsonNode attribute : device.path("attributes")) {
                if (attribute instanceof ObjectNode values) {
                    values.remove(LISTS);
                }
            }
            for (ObjectNode taint : Fill.objects(device.path("taints"))) {
                Fill.text(taint, "timeAdded", Timestamps.seconds(now));
            }
        }
    }

    @Override
    public void validate(ObjectNode slice, FieldErrors errors) {
        SliceRules.validate(Place.of(slice, errors).at("spec"));
    }

    @Override
    public void validateUpdate(ObjectNode slice, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(slice, errors).at("spec");
        JsonNode before = old.path("spec");
        spec.at("pool", "name").mustEqual(before.path("pool").path("name"));
        for (String field : List.of("driver", "nodeName")) {
            spec.at(field).mustEqual(before.path(field));
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode slice) {
        JsonNode spec = slice.path("spec");
        return Map.of(
                "spec.nodeName", spec.path("nodeName").asText(""),
                "spec.driver", spec.path("driver").asText(""));
    }
}
