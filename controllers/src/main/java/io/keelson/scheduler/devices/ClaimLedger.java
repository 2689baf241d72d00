package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims, as the API has told of them, and the allocations that are decided and not told of yet: devices count as used
 * from the decision on, until the watch tells what became of it. Owned by the thread that owns the state.
 */
final class ClaimLedger {
    private static final long UNTOLD_MAX_NANOS = Duration.ofMinutes(10).toNanos();

    private final Map<Key, ResourceClaim> claims = new HashMap<>();
    /** By the uid of the claim. */
    private final Map<String, InFlight> inFlight = new HashMap<>();
    /** By the uid of the claim, what the usage has of it. */
    private final Map<String, AllocationResult> counted = new HashMap<>();

    /** By the uid of a pod, the claims that were made for its extended resources. */
    private final Map<String, Map<Key, ResourceClaim>> extended = new HashMap<>();
    /** By the uid of a claim that was made here and not told of yet, since when. */
    private final Map<String, Long> untold = new HashMap<>();

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
        if (known != null) {
            index(key, known, null);
        }
        if (known != null && (now == null || !uid(known).equals(uid(now)))) {
            claims.remove(key);
            inFlight.remove(uid(known));
            count(uid(known), null);
        }
        if (now != null) {
            claims.put(key, now);
            index(key, now, now);
            untold.remove(uid(now));
            recount(now);
        }
        version++;
        return true;
    }

    private void index(Key key, ResourceClaim claim, @Nullable ResourceClaim now) {
        OwnerReference owner = ExtendedClaimWriter.isExtended(claim) ? Owners.controllerOf(claim) : null;
        if (owner == null) {
            return;
        }
        Map<Key, ResourceClaim> all = extended.computeIfAbsent(owner.getUid(), ignored -> new HashMap<>());
        if (now == null) {
            all.remove(key);
        } else {
            all.put(key, now);
        }
        if (all.isEmpty()) {
            extended.remove(owner.getUid());
        }
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

    /**
     * A claim that was assumed before it had a name is not being written any more.
     *
     * @param made the claim that it became, as the API has it; null if there is none
     * @param nanos now, by a clock that does not jump
     */
    void settle(ResourceClaim assumed, @Nullable ResourceClaim made, long nanos) {
        inFlight.remove(uid(assumed));
        count(uid(assumed), null);
        version++;
        AllocationResult allocation = made == null ? null : allocation(made);
        if (made == null || allocation == null) {
            return;
        }
        String uid = uid(made);
        inFlight.put(uid, new InFlight(allocation, ResourceVersions.of(made)));
        ResourceClaim known = claims.get(Key.of(made));
        if (known != null && uid(known).equals(uid)) {
            recount(known);
        } else {
            untold.put(uid, nanos);
            count(uid, allocation);
        }
    }

    /** Gives up claims that were made long ago and that the watch never told of: they were deleted while it was broken. */
    void forgetUntold(long nanos) {
        untold.entrySet().removeIf(each -> {
            boolean isOld = nanos - each.getValue() > UNTOLD_MAX_NANOS;
            if (isOld) {
                inFlight.remove(each.getKey());
                count(each.getKey(), null);
                version++;
            }
            return isOld;
        });
    }

    /** The claims that were made for the extended resources of a pod. */
    Collection<ResourceClaim> extendedOf(String podUid) {
        return extended.getOrDefault(podUid, Map.of()).values();
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
