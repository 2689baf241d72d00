package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.time.Instant;

/** Taints that an administrator gives to devices, whatever their driver says. */
public final class DeviceTaintRuleStrategy extends SpecAndStatus {
    private static final int CONDITIONS_MAX = 8;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode rule) {
        super.prepareForCreate(context, rule);
        since(rule, context.now());
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode rule, ObjectNode old) {
        super.prepareForUpdate(context, rule, old);
        since(rule, context.now());
    }

    private static void since(ObjectNode rule, Instant now) {
        Fill.text(Fill.object(Fill.object(rule, "spec"), "taint"), "timeAdded", Timestamps.seconds(now));
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode rule, ObjectNode old) {
        super.prepareForStatusUpdate(context, rule, old);
        keepMetadata(rule, old);
    }

    @Override
    public void validate(ObjectNode rule, FieldErrors errors) {
        Place spec = Place.of(rule, errors).at("spec");
        Place selector = spec.at("deviceSelector");
        if (selector.at("driver").present()) {
            DeviceNames.driver(selector.at("driver"));
        }
        if (selector.at("pool").present()) {
            DeviceNames.pool(selector.at("pool"));
        }
        if (selector.at("device").present()) {
            selector.at("device").check(Names::dnsLabel);
        }
        TaintRules.taint(spec.at("taint"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode rule, ObjectNode old, FieldErrors errors) {
        Place conditions = Place.of(rule, errors).at("status", "conditions");
        if (conditions.size() > CONDITIONS_MAX) {
            conditions.tooMany(CONDITIONS_MAX);
        }
        LabelValidation.conditions(conditions);
    }
}
