package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.CapacityRequestPolicy;
import io.fabric8.kubernetes.api.model.resource.v1.CapacityRequestPolicyRange;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacity;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.DecimalQuantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much of a device a request consumes: of each capacity what is asked for, rounded up to what the device's policy
 * allows; what is not asked for at all is the policy's default, and all that there is without one.
 */
final class CapacityRule {
    private CapacityRule() {}

    /**
     * What a request consumes of a device, by the name under which the device publishes the capacity.
     *
     * @param asked by name
     * @return null if the device does not have what is asked for, or its policy forbids it
     */
    static @Nullable Map<String, Quantity> consumed(PooledDevice device, Map<String, Quantity> asked) {
        Map<String, DeviceCapacity> published = OrEmpty.of(device.device().getCapacity());
        String driver = device.id().pool().driver();
        Map<String, Quantity> byName = new HashMap<>();
        for (Map.Entry<String, Quantity> each : asked.entrySet()) {
            if (QualifiedNames.find(published, driver, each.getKey()) == null
                    || byName.put(QualifiedNames.qualified(driver, each.getKey()), each.getValue()) != null) {
                return null;
            }
        }
        Map<String, Quantity> consumed = new HashMap<>();
        try {
            for (Map.Entry<String, DeviceCapacity> each : published.entrySet()) {
                Quantity wanted = byName.get(QualifiedNames.qualified(driver, each.getKey()));
                Quantity rounded = rounded(each.getValue(), wanted);
                if (rounded == null) {
                    return null;
                }
                consumed.put(each.getKey(), rounded);
            }
        } catch (IllegalArgumentException e) {
            // No API server stores such quantities.
            return null;
        }
        return consumed;
    }

    private static @Nullable Quantity rounded(DeviceCapacity capacity, @Nullable Quantity wanted) {
        Quantity all = capacity.getValue();
        CapacityRequestPolicy policy = capacity.getRequestPolicy();
        BigDecimal most = DecimalQuantity.of(all).value();
        Quantity rounded;
        if (wanted == null) {
            rounded = policy == null || policy.getDefault() == null ? all : policy.getDefault();
        } else {
            rounded = policy == null ? wanted : rounded(policy, wanted);
        }
        if (rounded == null) {
            return null;
        }
        BigDecimal amount = DecimalQuantity.of(rounded).value();
        return amount.signum() < 0 || amount.compareTo(most) > 0 ? null : rounded;
    }

    private static @Nullable Quantity rounded(CapacityRequestPolicy policy, Quantity wanted) {
        BigDecimal amount = DecimalQuantity.of(wanted).value();
        if (policy.getDefault() != null
                && DecimalQuantity.of(policy.getDefault()).value().compareTo(amount) == 0) {
            return wanted;
        }
        if (policy.getValidRange() != null) {
            return inRange(policy.getValidRange(), wanted, amount);
        }
        List<Quantity> valid = new ArrayList<>(OrEmpty.of(policy.getValidValues()));
        if (valid.isEmpty()) {
            return wanted;
        }
        return valid.stream()
                .filter(each -> DecimalQuantity.of(each).value().compareTo(amount) >= 0)
                .min((one, other) -> DecimalQuantity.of(one).compareTo(DecimalQuantity.of(other)))
                .orElse(null);
    }

    private static @Nullable Quantity inRange(CapacityRequestPolicyRange range, Quantity wanted, BigDecimal amount) {
        BigDecimal min = range.getMin() == null
                ? BigDecimal.ZERO
                : DecimalQuantity.of(range.getMin()).value();
        if (range.getMin() != null && amount.compareTo(min) <= 0) {
            return range.getMin();
        }
        BigDecimal rounded = amount;
        if (range.getStep() != null) {
            BigDecimal step = DecimalQuantity.of(range.getStep()).value();
            if (step.signum() <= 0) {
                return null;
            }
            BigDecimal steps = amount.subtract(min).divide(step, 0, RoundingMode.CEILING);
            rounded = min.add(steps.multiply(step));
        }
        if (range.getMax() != null
                && rounded.compareTo(DecimalQuantity.of(range.getMax()).value()) > 0) {
            return null;
        }
        return rounded.compareTo(amount) == 0 ? wanted : new Quantity(rounded.toPlainString());
    }
}
