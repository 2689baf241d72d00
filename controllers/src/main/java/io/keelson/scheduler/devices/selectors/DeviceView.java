package io.keelson.scheduler.devices.selectors;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAttribute;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacity;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device as expressions see it: {@code driver}, {@code attributes} and {@code capacity} by domain and name, {@code
 * allowMultipleAllocations}. A domain of which the device has nothing is not there.
 */
final class DeviceView {
    private DeviceView() {}

    /** The domains that there are. */
    private static final class Domains extends HashMap<String, Map<String, Object>> {
        private static final long serialVersionUID = 1;

        void put(String driver, String name, Object value) {
            int slash = name.indexOf('/');
            String domain = slash < 0 ? driver : name.substring(0, slash);
            Map<String, Object> known = get(domain);
            if (known == null) {
                known = new HashMap<>();
                put(domain, known);
            }
            String local = name.substring(slash + 1);
            // The name that says its domain goes before the one that does not.
            if (slash >= 0) {
                known.put(local, value);
            } else {
                known.putIfAbsent(local, value);
            }
        }
    }

    static Map<String, Object> of(String driver, Device device) {
        Domains attributes = new Domains();
        for (Map.Entry<String, DeviceAttribute> each :
                OrEmpty.of(device.getAttributes()).entrySet()) {
            Object value = value(each.getValue());
            if (value != null) {
                attributes.put(driver, each.getKey(), value);
            }
        }
        Domains capacity = new Domains();
        for (Map.Entry<String, DeviceCapacity> each :
                OrEmpty.of(device.getCapacity()).entrySet()) {
            DecimalQuantity value = quantity(each.getValue().getValue());
            if (value != null) {
                capacity.put(driver, each.getKey(), value);
            }
        }
        return Map.of(
                "driver",
                driver,
                "attributes",
                attributes,
                "capacity",
                capacity,
                "allowMultipleAllocations",
                OrEmpty.of(device.getAllowMultipleAllocations()));
    }

    /** Null for one that no API server stores: it is not there. */
    private static @Nullable Object value(DeviceAttribute attribute) {
        if (attribute.getString() != null) {
            return attribute.getString();
        }
        if (attribute.getInt() != null) {
            return attribute.getInt();
        }
        if (attribute.getBool() != null) {
            return attribute.getBool();
        }
        if (attribute.getVersion() == null) {
            return null;
        }
        try {
            return SemanticVersion.parse(attribute.getVersion());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable DecimalQuantity quantity(@Nullable Quantity quantity) {
        if (quantity == null) {
            return null;
        }
        try {
            return DecimalQuantity.of(quantity);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
