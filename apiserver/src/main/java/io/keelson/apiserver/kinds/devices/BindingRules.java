package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with the conditions that have to hold before a pod with a device is bound, and those that end the attempt. */
final class BindingRules {
    private static final int CONDITIONS_MAX = 4;

    private BindingRules() {}

    /** @param device the device, or a result of an allocation: what has both lists */
    static void conditions(Place device) {
        Place success = device.at("bindingConditions");
        Place failure = device.at("bindingFailureConditions");
        for (Place list : List.of(success, failure)) {
            List<Place> items = Bounded.items(list, CONDITIONS_MAX);
            items.forEach(condition -> condition.check(Names::qualifiedName));
            Bounded.unique(items, Place::text);
        }
        for (Place condition : failure.items()) {
            if (success.textItems().contains(condition.text())) {
                condition.invalid("bindingFailureConditions must not overlap with bindingConditions");
            }
        }
        if (success.size() == 0 && failure.size() > 0) {
            success.invalid(List.of(), "bindingConditions are required to use bindingFailureConditions");
        }
        if (failure.size() == 0 && success.size() > 0) {
            failure.invalid(List.of(), "bindingFailureConditions are required to use bindingConditions");
        }
    }
}
