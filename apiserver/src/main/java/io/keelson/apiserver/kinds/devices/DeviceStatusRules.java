package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wrong with what a driver says of a device that it gave to a claim. */
final class DeviceStatusRules {
    private static final int CONDITIONS_MAX = 8;
    private static final int INTERFACE_CHARS_MAX = 256;
    private static final int HARDWARE_CHARS_MAX = 128;
    private static final int ADDRESSES_MAX = 16;

    private DeviceStatusRules() {}

    /** @param given what the claim was given */
    static void validate(Place device, Set<DeviceId> given) {
        DeviceNames.driver(device.at("driver"));
        DeviceNames.pool(device.at("pool"));
        device.at("device").check(Names::dnsLabel);
        if (device.at("shareID").present()) {
            DeviceNames.uid(device.at("shareID"));
        }
        DeviceId id = DeviceId.of(device);
        if (!given.contains(id)) {
            device.invalid(id, "must be an allocated device in the claim");
        }
        Place conditions = device.at("conditions");
        if (conditions.size() > CONDITIONS_MAX) {
            conditions.tooMany(CONDITIONS_MAX);
        }
        LabelValidation.conditions(conditions);
        if (device.at("data").present()) {
            ConfigurationRules.raw(device.at("data"), false);
        }
        Place network = device.at("networkData");
        Bounded.length(network.at("interfaceName"), INTERFACE_CHARS_MAX);
        Bounded.length(network.at("hardwareAddress"), HARDWARE_CHARS_MAX);
        List<Place> addresses = Bounded.items(network.at("ips"), ADDRESSES_MAX);
        addresses.forEach(DeviceStatusRules::address);
        Bounded.unique(addresses, Place::text);
    }

    /** The address of an interface with the length of its network, in the one form that addresses are written in. */
    private static void address(Place address) {
        String canonical = canonical(address.text());
        if (canonical == null) {
            address.invalid("must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
        } else if (!address.is(canonical)) {
            address.invalid("must be in canonical form (\"" + canonical + "\")");
        }
    }

    private static @Nullable String canonical(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !Addresses.cidr(text).isEmpty()) {
            return null;
        }
        String ip = Addresses.canonical(text.substring(0, slash));
        return ip == null ? null : ip + "/" + Integer.parseInt(text.substring(slash + 1));
    }
}
