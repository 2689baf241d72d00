package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.VolumeSourceRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Drivers of storage. */
public final class CsiDriverStrategy implements Strategy {
    private static final List<String> FIXED = List.of("attachRequired", "fsGroupPolicy", "volumeLifecycleModes");

    private static final int UPDATE_PERIOD_SECONDS_MIN = 10;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode driver) {
        ObjectNode spec = Fill.object(driver, "spec");
        Fill.flag(spec, "attachRequired", true);
        Fill.flag(spec, "podInfoOnMount", false);
        Fill.flag(spec, "storageCapacity", false);
        Fill.text(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.path("volumeLifecycleModes").isEmpty()) {
            Fill.list(spec, "volumeLifecycleModes").add("Persistent");
        }
        Fill.flag(spec, "requiresRepublish", false);
        Fill.flag(spec, "seLinuxMount", false);
    }

    @Override
    public void validate(ObjectNode driver, FieldErrors errors) {
        Place whole = Place.of(driver, errors);
        VolumeSourceRules.driverName(whole.at("metadata", "name"));
        Place spec = whole.at("spec");
        for (String field : List.of("attachRequired", "podInfoOnMount", "storageCapacity", "seLinuxMount")) {
            if (spec.at(field).absent()) {
                spec.at(field).required("");
            }
        }
        spec.at("fsGroupPolicy").oneOf("File", "None", "ReadWriteOnceWithFSType");
        Set<String> audiences = new HashSet<>();
        for (Place request : spec.at("tokenRequests").items()) {
            Place audience = request.at("audience");
            if (!audiences.add(audience.text())) {
                audience.duplicate();
            }
            Place seconds = request.at("expirationSeconds");
            if (seconds.present() && seconds.number() < 600) {
                seconds.invalid("may not specify a duration less than 10 minutes");
            } else if (seconds.number() > 1L << 32) {
                seconds.invalid("may not specify a duration larger than 2^32 seconds");
            }
        }
        Place period = spec.at("nodeAllocatableUpdatePeriodSeconds");
        if (period.present() && period.number() < UPDATE_PERIOD_SECONDS_MIN) {
            period.invalid("must be greater than or equal to " + UPDATE_PERIOD_SECONDS_MIN + " seconds");
        }
        if (spec.at("tokenRequests").size() == 0) {
            spec.at("serviceAccountTokenInSecrets").mustBeAbsent("may not be specified when `tokenRequests` is empty");
        }
        for (Place mode : spec.at("volumeLifecycleModes").items()) {
            if (!mode.is("Persistent") && !mode.is("Ephemeral")) {
                mode.as(spec.at("volumeLifecycleModes").path()).notSupported("Ephemeral", "Persistent");
            }
        }
    }

    @Override
    public void validateUpdate(ObjectNode driver, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(driver, errors).at("spec");
        FIXED.forEach(field -> spec.at(field).mustEqual(old.path("spec").path(field)));
    }
}
