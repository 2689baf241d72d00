package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.kinds.pod.VolumeSourceRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.regex.Pattern;

/** How drivers, their pools and devices, and what these have are called. */
final class DeviceNames {
    private static final int IDENTIFIER_CHARS_MAX = 32;
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private DeviceNames() {}

    /** {@code gpu.example.com}, in letters of any case, as drivers of storage are called. */
    static void driver(Place driver) {
        VolumeSourceRules.driverName(driver);
    }

    /** {@code node-1}, or several such parts with a slash between them. */
    static void pool(Place pool) {
        if (pool.empty()) {
            pool.required("");
            return;
        }
        Bounded.length(pool, Names.SUBDOMAIN_BYTES_MAX);
        for (String part : pool.text().split("/", -1)) {
            for (String wrong : Names.dnsSubdomain(part)) {
                pool.invalid(part, wrong);
            }
        }
    }

    /** {@code memory} or {@code gpu.example.com/memory}. */
    static void qualified(Place place, String name) {
        String[] parts = name.split("/", -1);
        if (parts.length == 1) {
            identifier(place, name);
        } else if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                place.invalid("", "the domain must not be empty");
            } else {
                driver(place.with(TextNode.valueOf(parts[0])));
            }
            if (parts[1].isEmpty()) {
                place.invalid("", "the name must not be empty");
            } else {
                identifier(place, parts[1]);
            }
        }
    }

    /** {@code gpu.example.com/memory}. */
    static void fullyQualified(Place place) {
        qualified(place, place.text());
        if (place.text().indexOf('/') < 0) {
            place.invalid("a fully qualified name must be a domain and a name separated by a slash");
        }
    }

    private static void identifier(Place place, String name) {
        if (name.length() > IDENTIFIER_CHARS_MAX) {
            place.tooLong(IDENTIFIER_CHARS_MAX);
        }
        for (String wrong : Names.identifier(name)) {
            place.invalid(name, wrong);
        }
    }

    static void uid(Place uid) {
        if (!UID.matcher(uid.text()).matches()) {
            uid.invalid("must be a lowercase UUID in 8-4-4-4-12 format");
        }
    }
}
