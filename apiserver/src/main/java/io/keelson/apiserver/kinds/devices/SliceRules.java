package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.kinds.pod.AffinityRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a part of a pool: which nodes it is for, and what it lists. */
final class SliceRules {
    private static final int DEVICES_MAX = 128;
    private static final int DEAR_DEVICES_MAX = 64;
    private static final String NOT_FALSE = "must be either unset or set to true";
    private static final String ONE_OF =
            "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    private static final String ONE_OF_DEVICE =
            "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when"
                    + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

    private SliceRules() {}

    static void validate(Place spec) {
        DeviceNames.driver(spec.at("driver"));
        pool(spec.at("pool"));
        List<String> chosen = nodes(spec, "must be either unset or set to a non-empty string");
        Place terms = spec.at("nodeSelector", "nodeSelectorTerms");
        if (spec.at("nodeSelector").present() && terms.size() != 1) {
            terms.invalid("must have exactly one node selector term");
        }
        Place each = spec.at("perDeviceNodeSelection");
        if (each.flag()) {
            chosen.add("`perDeviceNodeSelection`");
        } else if (each.present()) {
            each.invalid(NOT_FALSE);
        }
        if (chosen.isEmpty()) {
            spec.required(ONE_OF);
        } else if (chosen.size() > 1) {
            spec.invalid(shown(chosen), ONE_OF + ", but multiple fields are set");
        }
        if (spec.at("sharedCounters").size() > 0 && spec.at("devices").size() > 0) {
            spec.invalid("", "only one of `sharedCounters` or `devices` is allowed");
        }
        devices(spec.at("devices"), each.flag());
        CounterRules.sets(spec.at("sharedCounters"));
    }

    private static void pool(Place pool) {
        DeviceNames.pool(pool.at("name"));
        Place count = pool.at("resourceSliceCount");
        if (count.number() <= 0) {
            count.invalid(count.number(), "must be greater than zero");
        }
        if (pool.at("generation").number() < 0) {
            pool.at("generation").invalid("must be greater than or equal to zero");
        }
    }

    /** Which nodes can use what is here; says which ways of choosing them were used. */
    private static List<String> nodes(Place place, String emptyName) {
        List<String> chosen = new ArrayList<>();
        Place name = place.at("nodeName");
        if (name.filled()) {
            chosen.add("`nodeName`");
            name.check(Names::dnsSubdomain);
        } else if (name.present()) {
            name.invalid(emptyName);
        }
        if (place.at("nodeSelector").present()) {
            chosen.add("`nodeSelector`");
            AffinityRules.nodeSelector(place.at("nodeSelector"));
        }
        if (place.at("allNodes").flag()) {
            chosen.add("`allNodes`");
        } else if (place.at("allNodes").present()) {
            place.at("allNodes").invalid(NOT_FALSE);
        }
        return chosen;
    }

    private static String shown(List<String> fields) {
        return "{" + String.join(", ", fields) + "}";
    }

    private static void devices(Place devices, boolean eachHasNodes) {
        boolean dear = devices.items().stream()
                .anyMatch(device -> device.at("taints").size() > 0
                        || device.at("consumesCounters").size() > 0);
        List<Place> items = Bounded.items(devices, dear ? DEAR_DEVICES_MAX : DEVICES_MAX);
        for (Place device : items) {
            DeviceDescriptionRules.validate(device);
            if (eachHasNodes) {
                List<String> chosen = nodes(device, "must not be empty");
                if (chosen.isEmpty()) {
                    device.required(ONE_OF_DEVICE);
                } else if (chosen.size() > 1) {
                    device.invalid(shown(chosen), ONE_OF_DEVICE);
                }
            } else if (device.at("nodeName").present()
                    || device.at("nodeSelector").present()
                    || device.at("allNodes").present()) {
                device.invalid(
                        null,
                        "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to"
                                + " true in the ResourceSlice spec");
            }
        }
        Bounded.unique(items, device -> device.at("name").text());
    }
}
