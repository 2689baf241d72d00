package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Set;

/** Claims for devices. What is asked for never changes. */
public final class ResourceClaimStrategy extends SpecAndStatus {
    private static final String DEVICES = "devices";

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode claim) {
        DeviceClaimRules.defaults(claim.path("spec").path("devices"));
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode claim, ObjectNode old) {
        super.prepareForStatusUpdate(context, claim, old);
        dropWhatIsSaidOf(DeviceId.takenBack(claim, old), claim);
    }

    /** Whoever takes devices back need not know that their drivers have said something of them. */
    private static void dropWhatIsSaidOf(Set<DeviceId> devices, ObjectNode claim) {
        if (devices.isEmpty()
                || !(claim.path("status") instanceof ObjectNode status)
                || !(status.path(DEVICES) instanceof ArrayNode said)) {
            return;
        }
        List<Place> all = Place.of(said, new FieldErrors()).items();
        for (int i = all.size() - 1; i >= 0; i--) {
            if (devices.contains(DeviceId.of(all.get(i)))) {
                said.remove(i);
            }
        }
        if (said.isEmpty()) {
            status.remove(DEVICES);
        }
    }

    @Override
    public void validate(ObjectNode claim, FieldErrors errors) {
        DeviceClaimRules.validate(Place.of(claim, errors).at("spec", "devices"));
    }

    /** What never changes need not be looked over again. */
    @Override
    public void validateChanged(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place.of(claim, errors).at("spec").mustEqual(old.path("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        ClaimStatusRules.validate(claim, old, errors);
    }
}
