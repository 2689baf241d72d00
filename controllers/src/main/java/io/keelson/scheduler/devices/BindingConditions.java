package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.resource.v1.AllocatedDeviceStatus;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What has to be true of the devices of a claim before a pod that uses it is bound, such as that they are attached to the
 * node; drivers tell it in {@code status.devices}.
 */
final class BindingConditions {
    private BindingConditions() {}

    /** How it stands. */
    sealed interface Look {
        /** The pod can be bound. */
        record Ready() implements Look {}

        /** Something is not true yet. */
        record Waiting() implements Look {}

        /** It will not become true; the reason is one that users read. */
        record Failed(String reason) implements Look {}
    }

    /**
     * Looks at a claim. One that is not allocated has failed.
     *
     * @param limit how long after the allocation it may take
     */
    static Look look(ResourceClaim claim, Instant now, Duration limit) {
        AllocationResult allocation = ClaimLedger.allocation(claim);
        if (allocation == null) {
            return new Look.Failed("claim " + Key.of(claim) + " got deallocated in the meantime");
        }
        boolean ready = true;
        for (DeviceRequestAllocationResult result : results(allocation)) {
            List<String> needed = OrEmpty.of(result.getBindingConditions());
            if (needed.isEmpty()) {
                continue;
            }
            List<String> met = met(claim, result);
            for (String failure : OrEmpty.of(result.getBindingFailureConditions())) {
                if (met.contains(failure)) {
                    return new Look.Failed("claim " + Key.of(claim) + " binding failed: condition " + failure
                            + " of device " + id(result) + " is true");
                }
            }
            ready &= met.containsAll(needed);
        }
        if (ready) {
            return new Look.Ready();
        }
        return isTooLate(allocation, now, limit) ? timeout(claim) : new Look.Waiting();
    }

    /** It took too long. */
    static Look.Failed timeout(ResourceClaim claim) {
        return new Look.Failed("claim " + Key.of(claim) + " binding timeout");
    }

    /** Whether devices have conditions at all. */
    static boolean has(AllocationResult allocation) {
        return results(allocation).stream()
                .anyMatch(result -> !OrEmpty.of(result.getBindingConditions()).isEmpty());
    }

    private static List<DeviceRequestAllocationResult> results(AllocationResult allocation) {
        return allocation.getDevices() == null
                ? List.of()
                : OrEmpty.of(allocation.getDevices().getResults());
    }

    private static DeviceId id(DeviceRequestAllocationResult result) {
        return new DeviceId(result.getDriver(), result.getPool(), result.getDevice());
    }

    private static List<String> met(ResourceClaim claim, DeviceRequestAllocationResult result) {
        List<String> met = new ArrayList<>();
        for (AllocatedDeviceStatus status : OrEmpty.of(claim.getStatus().getDevices())) {
            if (id(result).equals(new DeviceId(status.getDriver(), status.getPool(), status.getDevice()))
                    && Objects.equals(result.getShareID(), status.getShareID())) {
                for (Condition condition : OrEmpty.of(status.getConditions())) {
                    if ("True".equals(condition.getStatus())) {
                        met.add(condition.getType());
                    }
                }
            }
        }
        return met;
    }

    private static boolean isTooLate(AllocationResult allocation, Instant now, Duration limit) {
        try {
            Instant since = Instant.parse(OrEmpty.of(allocation.getAllocationTimestamp()));
            return Duration.between(since, now).compareTo(limit) > 0;
        } catch (DateTimeParseException e) {
            // Somebody else allocated it, and did not say when: it counts how long the pod has waited.
            return false;
        }
    }
}
