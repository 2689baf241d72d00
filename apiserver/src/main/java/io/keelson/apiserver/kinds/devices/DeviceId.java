package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Place;

/**
 * A device that was given to a claim.
 *
 * @param share which share of it, if several claims have one; empty otherwise
 */
record DeviceId(String driver, String pool, String device, String share) {
    /** @param entry a result of an allocation, or what a driver says of it */
    static DeviceId of(Place entry) {
        return new DeviceId(
                entry.at("driver").text(),
                entry.at("pool").text(),
                entry.at("device").text(),
                entry.at("shareID").text());
    }

    @Override
    public String toString() {
        String plain = driver + "/" + pool + "/" + device;
        return share.isEmpty() ? plain : plain + "/" + share;
    }
}
