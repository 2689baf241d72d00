package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.DecimalQuantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which devices are in use: wholly, or by shares and how much of them. Who only looks at a device, with admin access, does
 * not use it. Owned by the thread that owns the state.
 */
final class DeviceUsage {
    private final Map<DeviceId, Use> uses = new HashMap<>();
    private final Map<PoolKey, Map<DeviceId, Use>> byPool = new HashMap<>();

    /** The use of one device. */
    private static final class Use {
        private int whole;
        private int shares;
        private final Map<String, BigDecimal> consumed = new HashMap<>();
    }

    /** Counts what a claim has. */
    void add(AllocationResult allocation) {
        count(allocation, 1);
    }

    /** Counts it no more. It was counted. */
    void remove(AllocationResult allocation) {
        count(allocation, -1);
    }

    private void count(AllocationResult allocation, int sign) {
        if (allocation.getDevices() == null) {
            return;
        }
        for (DeviceRequestAllocationResult result :
                OrEmpty.of(allocation.getDevices().getResults())) {
            if (!OrEmpty.of(result.getAdminAccess())) {
                count(result, sign);
            }
        }
    }

    private void count(DeviceRequestAllocationResult result, int sign) {
        DeviceId id = new DeviceId(result.getDriver(), result.getPool(), result.getDevice());
        Use use = uses.computeIfAbsent(id, ignored -> new Use());
        byPool.computeIfAbsent(id.pool(), ignored -> new HashMap<>()).put(id, use);
        if (result.getShareID() == null) {
            use.whole += sign;
        } else {
            use.shares += sign;
            OrEmpty.of(result.getConsumedCapacity()).forEach((name, quantity) -> {
                BigDecimal amount = amount(quantity);
                use.consumed.merge(
                        QualifiedNames.qualified(id.pool().driver(), name),
                        sign > 0 ? amount : amount.negate(),
                        BigDecimal::add);
            });
        }
        if (use.whole == 0 && use.shares == 0) {
            uses.remove(id);
            byPool.computeIfPresent(id.pool(), (key, all) -> {
                all.remove(id);
                return all.isEmpty() ? null : all;
            });
        }
    }

    private static BigDecimal amount(Quantity quantity) {
        try {
            return DecimalQuantity.of(quantity).value();
        } catch (IllegalArgumentException e) {
            // No API server stores such a quantity.
            return BigDecimal.ZERO;
        }
    }

    /** Whether a device is in use as a whole. */
    boolean isTaken(DeviceId device) {
        Use use = uses.get(device);
        return use != null && use.whole > 0;
    }

    /** Whether shares of a device are in use. */
    boolean isShared(DeviceId device) {
        Use use = uses.get(device);
        return use != null && use.shares > 0;
    }

    /** How much of a capacity the shares of a device have; the name is qualified. */
    BigDecimal consumed(DeviceId device, String capacity) {
        Use use = uses.get(device);
        return use == null ? BigDecimal.ZERO : use.consumed.getOrDefault(capacity, BigDecimal.ZERO);
    }

    /** The devices of a pool that are in use. */
    Set<DeviceId> usedOf(PoolKey pool) {
        return byPool.getOrDefault(pool, Map.of()).keySet();
    }
}
