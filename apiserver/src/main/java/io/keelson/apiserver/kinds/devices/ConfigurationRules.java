package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;

/** What is wrong with what is meant for drivers and nobody else understands. */
final class ConfigurationRules {
    static final int CONFIGURATIONS_MAX = 32;

    private static final int RAW_BYTES_MAX = 10 * 1_024;

    private ConfigurationRules() {}

    /**
     * @param stored whether it was so before; how large it may be was not always limited
     */
    static void configuration(Place configuration, boolean stored) {
        Place opaque = configuration.at("opaque");
        if (opaque.absent()) {
            opaque.required("");
            return;
        }
        DeviceNames.driver(opaque.at("driver"));
        raw(opaque.at("parameters"), stored);
    }

    /** An object of any form, within a limit. */
    static void raw(Place raw, boolean stored) {
        if (raw.absent()) {
            raw.required("");
        } else if (!stored && raw.value().toString().getBytes(StandardCharsets.UTF_8).length > RAW_BYTES_MAX) {
            raw.tooLong(RAW_BYTES_MAX);
        } else if (!raw.value().isObject()) {
            raw.invalid("<value omitted>", "must be a valid JSON object");
        }
    }
}
