package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with how a driver describes a device: its attributes, its capacity, its taints, the counters that it uses. */
final class DeviceDescriptionRules {
    private static final int ENTRIES_MAX = 32;
    private static final int VALUE_CHARS_MAX = 64;
    private static final List<String> VALUES = List.of("bool", "int", "string", "version");

    /** The form of semver.org. */
    private static final Pattern VERSION = Pattern.compile("(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
            + "(-(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(\\.(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
            + "(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?");

    private DeviceDescriptionRules() {}

    static void validate(Place device) {
        device.at("name").check(Names::dnsLabel);
        Place attributes = device.at("attributes");
        Place capacities = device.at("capacity");
        int entries = attributes.size() + capacities.size();
        if (entries > ENTRIES_MAX) {
            device.invalid(entries, "the total number of attributes and capacities must not exceed " + ENTRIES_MAX);
            return;
        }
        for (Place attribute : attributes.entries()) {
            DeviceNames.qualified(attribute, attribute.key());
            attribute(attribute);
        }
        boolean shared = device.at("allowMultipleAllocations").flag();
        for (Place capacity : capacities.entries()) {
            DeviceNames.qualified(capacity, capacity.key());
            CapacityRules.validate(capacity, shared);
        }
        for (Place mapping : device.at("nodeAllocatableResourceMappings").entries()) {
            mapping(mapping);
        }
        TaintRules.taints(device.at("taints"));
        CounterRules.consumptions(device.at("consumesCounters"));
        BindingRules.conditions(device);
    }

    /** How much of a node's own resource, {@code cpu} for example, goes with the device or with a part of its capacity. */
    private static void mapping(Place mapping) {
        if (!ResourceNames.isNative(mapping.key())) {
            mapping.invalid(mapping.key(), "must be a resource of nodes that is not an extended one");
        }
        Place capacity = mapping.at("capacityKey");
        if (capacity.present()) {
            DeviceNames.qualified(capacity, capacity.text());
        }
    }

    private static void attribute(Place attribute) {
        long single =
                VALUES.stream().filter(field -> attribute.at(field).present()).count();
        long lists = ResourceSliceStrategy.LISTS.stream()
                .filter(field -> attribute.at(field).size() > 0)
                .count();
        long values = single + lists;
        if (values == 0) {
            attribute.invalid("", "exactly one value must be specified");
        } else if (values > 1) {
            attribute.invalid("exactly one value must be specified");
        }
        Bounded.length(attribute.at("string"), VALUE_CHARS_MAX);
        attribute.at("strings").items().forEach(string -> Bounded.length(string, VALUE_CHARS_MAX));
        version(attribute.at("version"));
        attribute.at("versions").items().forEach(DeviceDescriptionRules::version);
    }

    private static void version(Place version) {
        Bounded.length(version, VALUE_CHARS_MAX);
        if (version.present()
                && (version.text().length() > VALUE_CHARS_MAX
                        || !VERSION.matcher(version.text()).matches())) {
            version.invalid("must be a string compatible with semver.org spec 2.0.0");
        }
    }
}
