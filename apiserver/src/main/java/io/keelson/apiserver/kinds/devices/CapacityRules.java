package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.Place;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with how much a device has of something, and with how much of it can be asked for. */
final class CapacityRules {
    private static final int VALUES_MAX = 10;

    private CapacityRules() {}

    /** @param shared whether the device can be given to several claims, each of which takes some of it */
    static void validate(Place capacity, boolean shared) {
        Place policy = capacity.at("requestPolicy");
        if (policy.absent()) {
            return;
        }
        if (!shared) {
            policy.forbidden("allowMultipleAllocations must be true");
            return;
        }
        Quantity all = ObjectRules.quantity(capacity.at("value"));
        Place values = policy.at("validValues");
        Place range = policy.at("validRange");
        if (values.size() > 0 && range.present()) {
            policy.forbidden(
                    "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same"
                            + " time");
        } else if (values.size() > 0) {
            Quantity unasked = unasked(policy, "validValues");
            if (unasked != null && all != null) {
                values(values, unasked, all);
            }
        } else if (range.present()) {
            Quantity unasked = unasked(policy, "validRange");
            if (unasked != null && all != null) {
                range(range, unasked, all);
            }
        }
    }

    /** How much a claim takes that does not say; it has to be there. */
    private static @Nullable Quantity unasked(Place policy, String field) {
        if (policy.at("default").absent()) {
            policy.at("default").required("required when " + field + " is defined");
            return null;
        }
        return ObjectRules.quantity(policy.at("default"));
    }

    private static void values(Place values, Quantity unasked, Quantity all) {
        List<Place> items = Bounded.items(values, VALUES_MAX);
        List<Quantity> before = new ArrayList<>();
        boolean found = false;
        for (Place item : items) {
            Quantity value = ObjectRules.quantity(item);
            if (value == null) {
                return;
            }
            if (!before.isEmpty() && before.getLast().compareTo(value) > 0) {
                item.invalid(value.toString(), "values must be sorted in ascending order");
            }
            if (value.compareTo(all) > 0) {
                item.invalid(value.toString(), "option is larger than capacity value: " + all);
            }
            if (before.contains(value)) {
                item.duplicate(value.toString());
            }
            found |= value.compareTo(unasked) == 0;
            before.add(value);
        }
        if (!found && !items.isEmpty()) {
            values.invalid(unasked.toString(), "default value is not valid according to the requestPolicy");
        }
    }

    private static void range(Place range, Quantity unasked, Quantity all) {
        Place least = range.at("min");
        Place most = range.at("max");
        Place step = range.at("step");
        if (least.absent()) {
            least.required("required when validRange is defined");
            return;
        }
        Quantity min = ObjectRules.quantity(least);
        Quantity max = most.absent() ? null : ObjectRules.quantity(most);
        Quantity by = step.absent() ? null : ObjectRules.quantity(step);
        if (min == null) {
            return;
        }
        if (min.compareTo(all) > 0) {
            least.invalid(min.toString(), "min is larger than capacity value: " + all);
        }
        if (unasked.compareTo(min) < 0) {
            least.invalid(unasked.toString(), "default is less than min: " + min);
        }
        if (max != null) {
            if (min.compareTo(max) > 0) {
                most.invalid(min.toString(), "min is larger than max: " + max);
            }
            if (max.compareTo(all) > 0) {
                most.invalid(max.toString(), "max is larger than capacity value: " + all);
            }
            if (unasked.compareTo(max) > 0) {
                most.invalid(unasked.toString(), "default is more than max: " + max);
            }
        }
        if (by != null) {
            if (min.add(by).compareTo(all) > 0) {
                step.invalid(by.toString(), "one step " + min.add(by) + " is larger than capacity value: " + all);
            }
            onStep(step, unasked, min, by);
            if (max != null) {
                onStep(step, max, min, by);
            }
        }
    }

    private static void onStep(Place place, Quantity value, Quantity min, Quantity step) {
        BigInteger by = BigInteger.valueOf(step.value());
        BigInteger distance = BigInteger.valueOf(value.value()).subtract(BigInteger.valueOf(min.value()));
        if (by.signum() != 0 && distance.remainder(by).signum() != 0) {
            place.invalid(
                    value.toString(), "value is not a multiple of a given step (" + step + ") from (" + min + ")");
        }
    }
}
