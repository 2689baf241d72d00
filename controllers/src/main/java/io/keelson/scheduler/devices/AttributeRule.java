package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAttribute;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceConstraint;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A constraint over the devices that are chosen for some requests of a claim: an attribute is the same of all, or another of
 * each. A device that does not have it cannot be chosen. Remembers the devices in the order in which they were chosen.
 */
final class AttributeRule {
    private final List<String> requests;
    private final String attribute;
    private final boolean distinct;
    private final List<Value> chosen = new ArrayList<>();

    /** Values of different types are different. */
    private record Value(String type, Object value) {}

    AttributeRule(DeviceConstraint constraint) {
        requests = OrEmpty.of(constraint.getRequests());
        distinct = constraint.getMatchAttribute() == null;
        attribute = OrEmpty.of(distinct ? constraint.getDistinctAttribute() : constraint.getMatchAttribute());
    }

    /** Whether it is about what is chosen in this way. */
    boolean concerns(RequestOption option) {
        return option.isMeantBy(requests);
    }

    /** Chooses a device if that is allowed, and says whether it did. */
    boolean choose(PooledDevice device) {
        Value value = value(device);
        if (value == null) {
            return false;
        }
        boolean allowed = distinct
                ? !chosen.contains(value)
                : chosen.isEmpty() || chosen.getLast().equals(value);
        if (allowed) {
            chosen.add(value);
        }
        return allowed;
    }

    /** The device that was chosen last is not. */
    void giveUpLast() {
        chosen.removeLast();
    }

    private @Nullable Value value(PooledDevice pooled) {
        Device device = pooled.device();
        DeviceAttribute found = QualifiedNames.find(
                OrEmpty.of(device.getAttributes()), pooled.id().pool().driver(), attribute);
        if (found == null) {
            return null;
        }
        if (found.getString() != null) {
            return new Value("string", found.getString());
        }
        if (found.getInt() != null) {
            return new Value("int", found.getInt());
        }
        if (found.getBool() != null) {
            return new Value("bool", found.getBool());
        }
        return found.getVersion() == null ? null : new Value("version", Objects.requireNonNull(found.getVersion()));
    }
}
