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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Devices of a driver, on a node or elsewhere. */
public final class ResourceSliceStrategy implements Strategy {
    /** Of the feature {@code DRAListTypeAttributes}, which is off by default in Kubernetes 1.36. */
    static final List<String> LISTS = List.of("bools", "ints", "strings", "versions");

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public void dropDisabled(ObjectNode slice, @Nullable ObjectNode old) {
        if (old == null || attributes(old).stream().noneMatch(ResourceSliceStrategy::hasList)) {
            attributes(slice).forEach(attribute -> attribute.remove(LISTS));
        }
    }

    private static boolean hasList(ObjectNode attribute) {
        return LISTS.stream().anyMatch(attribute::hasNonNull);
    }

    private static List<ObjectNode> attributes(ObjectNode slice) {
        List<ObjectNode> attributes = new ArrayList<>();
        for (ObjectNode device : devices(slice)) {
            attributes.addAll(Fill.objects(device.path("attributes")));
        }
        return attributes;
    }

    private static List<ObjectNode> devices(ObjectNode slice) {
        return Fill.objects(slice.path("spec").path("devices"));
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode slice) {
        prepare(slice, context.now());
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode slice, ObjectNode old) {
        prepare(slice, context.now());
    }

    private static void prepare(ObjectNode slice, Instant now) {
        for (ObjectNode device : devices(slice)) {
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
