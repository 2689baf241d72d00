package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims, as the API has told of them, and the allocations that are decided and not told of yet: devices count as used
 * from the decision on, until the watch tells what became of it. Owned by the thread that owns the state.
 */
final class ClaimLedger {
    private final Map<Key, ResourceClaim> claims = new HashMap<>();
    /** By the uid of the claim. */
    private final Map<String, InFlight> inFlight = new HashMap<>();
    /** By the uid of the claim, what the usage has of it. */
    private final Map<String, AllocationResult> counted = new HashMap<>();

    private final DeviceUsage usage = new DeviceUsage();
    private long version;

    /** @param written the resource version with which the API has it, or has had it; null while it is being written */
    private record InFlight(
            AllocationResult allocation, @Nullable String written) {
        /** Whether a version of the claim shows what became of it; yes if that cannot be told. */
        private boolean isPast(String version) {
            return written != null && !ResourceVersions.isOlder(version, written);
        }
    }

    /** A claim is new, another or gone; false if something newer is known. */
    boolean observe(Change<ResourceClaim> change) {
        Key key = Key.of(change.object());
        ResourceClaim known = claims.get(key);
        ResourceClaim now = change.now();
        if (now != null && known != null && ResourceVersions.isOlder(now, known)) {
            return false;
        }
        if (known != null && (now == null || !uid(known).equals(uid(now)))) {
            claims.remove(key);
            inFlight.remove(uid(known));
            count(uid(known), null);
        }
        if (now != null) {
            claims.put(key, now);
            recount(now);
        }
        version++;
        return true;
    }

    private void recount(ResourceClaim claim) {
        String uid = uid(claim);
        InFlight pending = inFlight.get(uid);
        AllocationResult told = allocation(claim);
        if (pending != null && (told != null || pending.isPast(ResourceVersions.of(claim)))) {
            inFlight.remove(uid);
            pending = null;
        }
        count(uid, pending == null ? told : pending.allocation());
    }

    private void count(String uid, @Nullable AllocationResult allocation) {
        AllocationResult before = allocation == null ? counted.remove(uid) : counted.put(uid, allocation);
        if (before != null) {
            usage.remove(before);
        }
        if (allocation != null) {
            usage.add(allocation);
        }
    }

    /** A claim gets an allocation, as soon as it is written. */
    void assume(ResourceClaim claim, AllocationResult allocation) {
        inFlight.put(uid(claim), new InFlight(allocation, null));
        count(uid(claim), allocation);
        version++;
    }

    /**
     * An allocation is not being written any more.
     *
     * @param written the resource version with which the API has it, or has had it; null if it never had
     */
    void settle(ResourceClaim claim, @Nullable String written) {
        String uid = uid(claim);
        InFlight pending = inFlight.remove(uid);
        version++;
        if (pending == null) {
            return;
        }
        if (written != null) {
            inFlight.put(uid, new InFlight(pending.allocation(), written));
        }
        ResourceClaim known = claims.get(Key.of(claim));
        if (known != null && uid(known).equals(uid)) {
            recount(known);
        } else {
            inFlight.remove(uid);
            count(uid, null);
        }
    }

    /** A claim as the API has told of it; null if there is none. */
    @Nullable
    ResourceClaim get(Key key) {
        return claims.get(key);
    }

    /** Whether a claim has an allocation that the watch has not told of. */
    boolean isInFlight(ResourceClaim claim) {
        return inFlight.containsKey(uid(claim));
    }

    /** What is in use. */
    DeviceUsage usage() {
        return usage;
    }

    /** Another number after each change. */
    long version() {
        return version;
    }

    /** What a claim has, as this version of it says; null for nothing. */
    static @Nullable AllocationResult allocation(ResourceClaim claim) {
        return claim.getStatus() == null ? null : claim.getStatus().getAllocation();
    }

    private static String uid(ResourceClaim claim) {
        return claim.getMetadata().getUid();
    }
}
