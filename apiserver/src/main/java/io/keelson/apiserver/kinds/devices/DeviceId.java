package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.Set;

/**
 * A device that was given to a claim.
 *
 * @param share which share of it, if several claims have one; empty otherwise
 */
public record DeviceId(String driver, String pool, String device, String share) {
    /** @param entry a result of an allocation, or what a driver says of it */
    public static DeviceId of(Place entry) {
        return new DeviceId(
                entry.at("driver").text(),
                entry.at("pool").text(),
                entry.at("device").text(),
                entry.at("shareID").text());
    }

    /** All that a claim had, and has no more. */
    public static Set<DeviceId> takenBack(ObjectNode claim, ObjectNode old) {
        Set<DeviceId> devices = givenTo(old);
        devices.removeAll(givenTo(claim));
        return devices;
    }

    static Set<DeviceId> givenTo(ObjectNode claim) {
        Set<DeviceId> devices = new HashSet<>();
        Place.of(claim, new FieldErrors())
                .at("status", "allocation", "devices", "results")
                .items()
                .forEach(result -> devices.add(of(result)));
        return devices;
    }

    @Override
    public String toString() {
        String plain = driver + "/" + pool + "/" + device;
        return share.isEmpty() ? plain : plain + "/" + share;
    }
}
