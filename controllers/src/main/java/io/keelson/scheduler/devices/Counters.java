package io.keelson.scheduler.devices;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * What the devices that are in use leave of the counters that a pool's devices share, as those of a device that can be
 * partitioned in several ways.
 */
final class Counters {
    private final Map<String, Map<String, BigDecimal>> left = new HashMap<>();

    Counters(DevicePool pool, DeviceUsage usage) {
        pool.counters().forEach((set, amounts) -> left.put(set, new HashMap<>(amounts)));
        for (DeviceId used : usage.usedOf(pool.key())) {
            PooledDevice device = pool.devices().get(used.name());
            if (device != null) {
                change(DevicePool.consumption(device.device()), -1);
            }
        }
    }

    /** Takes what a device consumes if it is there, and says whether it was. */
    boolean take(Map<String, Map<String, BigDecimal>> consumption) {
        boolean enough = consumption.entrySet().stream()
                .allMatch(set -> set.getValue().entrySet().stream()
                        .allMatch(each -> left(set.getKey(), each.getKey()).compareTo(each.getValue()) >= 0));
        if (enough) {
            change(consumption, -1);
        }
        return enough;
    }

    /** Gives back what was taken. */
    void giveBack(Map<String, Map<String, BigDecimal>> consumption) {
        change(consumption, 1);
    }

    private BigDecimal left(String set, String counter) {
        return left.getOrDefault(set, Map.of()).getOrDefault(counter, BigDecimal.ZERO);
    }

    private void change(Map<String, Map<String, BigDecimal>> consumption, int sign) {
        consumption.forEach((set, amounts) ->
                amounts.forEach((counter, amount) -> left.computeIfAbsent(set, ignored -> new HashMap<>())
                        .merge(counter, sign > 0 ? amount : amount.negate(), BigDecimal::add)));
    }
}
