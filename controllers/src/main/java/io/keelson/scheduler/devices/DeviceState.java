package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Observed;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.devices.selectors.SelectorCache;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The devices of the cluster, their classes and who has them: what the plugins of all profiles share. */
public final class DeviceState implements Observed {
    private final DeviceInventory inventory = new DeviceInventory();
    private final ClaimLedger ledger = new ClaimLedger();
    private final DeviceClasses classes = new DeviceClasses();
    private final SelectorCache selectors = new SelectorCache();
    private final Set<String> freed = ConcurrentHashMap.newKeySet();

    private @Nullable Watches watches;
    private @Nullable Cache<ResourceClaim> cache;

    /** What decisions depend on, besides pods and nodes. */
    record Version(long inventory, long ledger, long classes) {}

    @Override
    public void watch(Watches from) {
        watches = from;
        from.listen(ResourceSlice.class, change -> {
            inventory.observe(change);
            from.happened(ClusterEvent.of(Kind.RESOURCE_SLICE, change));
        });
        // Where the API does not serve rules there are none.
        from.listen(DeviceTaintRule.class, change -> {
            inventory.observeRule(change);
            from.happened(ClusterEvent.of(Kind.DEVICE_TAINT_RULE, change));
        });
        from.listen(DeviceClass.class, change -> {
            classes.observe(change);
            from.happened(ClusterEvent.of(Kind.DEVICE_CLASS, change));
        });
        cache = from.listen(ResourceClaim.class, change -> {
            if (ledger.observe(change)) {
                from.happened(ClusterEvent.of(Kind.RESOURCE_CLAIM, change));
            }
        });
    }

    /** Another one after each change. */
    Version version() {
        return new Version(inventory.version(), ledger.version(), classes.version());
    }

    DeviceInventory inventory() {
        return inventory;
    }

    ClaimLedger ledger() {
        return ledger;
    }

    /** The classes. */
    DeviceClasses classes() {
        return classes;
    }

    /** Whether an extended resource can be had as devices, where a node has none of it itself. */
    public boolean isBacked(String resource) {
        return classes.of(resource) != null;
    }

    /** Reads what a claim asks for. */
    ClaimPlan plan(ResourceClaim claim) throws UnallocatableException {
        return ClaimPlan.of(claim, classes::get, selectors);
    }

    /** The uids of the claims that are being deallocated; for any thread. */
    Set<String> freed() {
        return freed;
    }

    /** A claim as the watch tells of it, for any thread; null if there is none. */
    @Nullable
    ResourceClaim seen(Key claim) {
        return Objects.requireNonNull(cache, "watched from the start").get(claim);
    }

    /**
     * The claim for extended resources is not being written any more.
     *
     * @param assumed under which it was assumed
     * @param made what it became, as the API has it; null if there is none
     */
    void settleExtended(ResourceClaim assumed, @Nullable ResourceClaim made) {
        ledger.settle(assumed, made, System.nanoTime());
        if (made == null || ClaimLedger.allocation(made) == null) {
            freed(assumed);
        }
    }

    /**
     * A claim that got an allocation is not being written any more.
     *
     * @param written the version with which the API has it, or has had it; null if it never had
     */
    void settle(ResourceClaim claim, @Nullable String written) {
        ledger.settle(claim, written);
        if (written == null) {
            freed(claim);
        }
    }

    private void freed(ResourceClaim claim) {
        Objects.requireNonNull(watches, "watched from the start")
                .happened(ClusterEvent.of(Kind.RESOURCE_CLAIM, new Change<>(claim, null)));
    }
}
