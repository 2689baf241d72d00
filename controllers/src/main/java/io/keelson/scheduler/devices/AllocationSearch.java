package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.DecimalQuantity;
import io.keelson.scheduler.devices.selectors.SelectorException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for devices for claims on one node: request after request, for each the ways to satisfy it in their order, for each
 * of these the devices in theirs; what leads nowhere is taken back. So the first combination is found that there is, in this
 * order, or none. Devices of one request are chosen in the order of the pools, as any other order of the same is the same.
 */
final class AllocationSearch {
    /** How many devices a claim can have. */
    static final int DEVICES_MAX = 32;

    private final List<ClaimPlan> plans;
    private final List<DevicePool> pools;
    private final Node node;
    private final DeviceUsage usage;
    private final StepLimit limit;

    private final List<List<AttributeRule>> rules = new ArrayList<>();
    /** What is chosen so far, by claim. */
    private final List<List<ChosenDevice>> chosen = new ArrayList<>();

    private final IdentityHashMap<RequestOption, List<PooledDevice>> candidates = new IdentityHashMap<>();
    private final Map<PoolKey, Counters> counters = new HashMap<>();
    private final Map<PoolKey, DevicePool> byKey = new HashMap<>();
    private @Nullable String problem;

    /** @param pools that the node may use devices of, in the order in which they are tried */
    AllocationSearch(List<ClaimPlan> plans, List<DevicePool> pools, Node node, DeviceUsage usage, StepLimit limit) {
        this.plans = plans;
        this.pools = pools;
        this.node = node;
        this.usage = usage;
        this.limit = limit;
        for (ClaimPlan plan : plans) {
            rules.add(plan.constraints().stream().map(AttributeRule::new).toList());
            chosen.add(new ArrayList<>());
        }
        pools.forEach(pool -> byKey.put(pool.key(), pool));
    }

    /**
     * Looks for devices.
     *
     * @return for each claim those that it can have; null if there are not enough
     * @throws StepLimit.ReachedException if it takes too long to know
     */
    @Nullable
    List<List<ChosenDevice>> find() {
        return place(0, 0) ? chosen : null;
    }

    /** What stood in the way, beyond that devices are missing; null if nothing did. */
    @Nullable
    String problem() {
        return problem;
    }

    private boolean place(int claim, int request) {
        if (claim == plans.size()) {
            return true;
        }
        List<List<RequestOption>> requests = plans.get(claim).requests();
        if (request == requests.size()) {
            return place(claim + 1, 0);
        }
        for (RequestOption option : requests.get(request)) {
            List<PooledDevice> able = candidates(option);
            long count = option.all() ? able.size() : option.count();
            BooleanSupplier rest = () -> place(claim, request + 1);
            if (count > 0
                    && count <= DEVICES_MAX - chosen.get(claim).size()
                    && choose(claim, option, able, 0, (int) count, rest)) {
                return true;
            }
        }
        return false;
    }

    private boolean choose(
            int claim, RequestOption option, List<PooledDevice> able, int from, int count, BooleanSupplier rest) {
        if (count == 0) {
            return rest.getAsBoolean();
        }
        for (int i = from; i < able.size(); i++) {
            PooledDevice device = able.get(i);
            // Each of those that are left can be chosen once.
            if (able.size() - i < count && noneIsShareable(able, i)) {
                return false;
            }
            limit.step();
            ChosenDevice taken = take(claim, option, device);
            if (taken != null) {
                if (choose(claim, option, able, device.isShareable() && !option.all() ? i : i + 1, count - 1, rest)) {
                    return true;
                }
                giveBack(claim, taken);
            }
            if (option.all()) {
                return false;
            }
        }
        return false;
    }

    private static boolean noneIsShareable(List<PooledDevice> able, int from) {
        return able.subList(from, able.size()).stream().noneMatch(PooledDevice::isShareable);
    }

    /** The devices that can be chosen as far as they themselves are concerned, or are wanted all. */
    private List<PooledDevice> candidates(RequestOption option) {
        List<PooledDevice> known = candidates.get(option);
        if (known != null) {
            return known;
        }
        List<PooledDevice> able = new ArrayList<>();
        for (DevicePool pool : pools) {
            String unusable = pool.unusable();
            if (unusable != null) {
                if (option.all() && isFor(pool)) {
                    note("request " + option.name() + ": asks for all devices, but " + unusable);
                    able.clear();
                    break;
                }
                continue;
            }
            for (PooledDevice device : pool.devices().values()) {
                limit.look();
                boolean free = option.adminAccess() || !usage.isTaken(device.id());
                if ((free || option.all()) && device.place().includes(node) && isSelected(option, device)) {
                    able.add(device);
                }
            }
        }
        candidates.put(option, able);
        return able;
    }

    private boolean isFor(DevicePool pool) {
        return pool.devices().values().stream()
                .anyMatch(device -> device.place().includes(node));
    }

    /** The first one is told. */
    private void note(String text) {
        problem = problem == null ? text : problem;
    }

    private boolean isSelected(RequestOption option, PooledDevice device) {
        for (RequestOption.Named each : option.selectors()) {
            try {
                if (!device.isSelectedBy(each.selector())) {
                    return false;
                }
            } catch (SelectorException e) {
                note(each.where() + ": " + e.getMessage());
                return false;
            }
        }
        return true;
    }

    /** Null if it cannot be had, beside what is chosen already. */
    private @Nullable ChosenDevice take(int claim, RequestOption option, PooledDevice device) {
        for (DeviceTaint taint : device.taints()) {
            if (option.isKeptOffBy(taint)) {
                return null;
            }
        }
        if (!isFree(claim, option, device)) {
            return null;
        }
        Map<String, Quantity> consumed = CapacityRule.consumed(device, option.capacity());
        boolean shares = device.isShareable() && !option.adminAccess();
        if (consumed == null || (shares && !fits(device, consumed))) {
            return null;
        }
        boolean counts = !option.adminAccess() && !isInUse(device);
        if (counts && !takeCounters(device)) {
            return null;
        }
        if (!obeysRules(claim, option, device)) {
            if (counts) {
                giveBackCounters(device);
            }
            return null;
        }
        ChosenDevice taken = new ChosenDevice(option, device, shares ? consumed : Map.of());
        chosen.get(claim).add(taken);
        return taken;
    }

    private void giveBack(int claim, ChosenDevice taken) {
        chosen.get(claim).removeLast();
        for (AttributeRule rule : rules.get(claim)) {
            if (rule.concerns(taken.option())) {
                rule.giveUpLast();
            }
        }
        if (!taken.option().adminAccess() && !isInUse(taken.device())) {
            giveBackCounters(taken.device());
        }
    }

    private boolean isFree(int claim, RequestOption option, PooledDevice device) {
        if (!option.adminAccess()
                && (usage.isTaken(device.id()) || (!device.isShareable() && usage.isShared(device.id())))) {
            return false;
        }
        for (int i = 0; i < chosen.size(); i++) {
            for (ChosenDevice other : chosen.get(i)) {
                boolean both = !option.adminAccess() && !other.option().adminAccess();
                if (other.device() == device && !device.isShareable() && (both || i == claim)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether somebody uses it already, now or as it is chosen here: then its counters are consumed. */
    private boolean isInUse(PooledDevice device) {
        return usage.isTaken(device.id())
                || usage.isShared(device.id())
                || chosen.stream()
                        .flatMap(List::stream)
                        .anyMatch(other ->
                                other.device() == device && !other.option().adminAccess());
    }

    /** Whether what the shares of a device consume leaves room. */
    private boolean fits(PooledDevice device, Map<String, Quantity> consumed) {
        String driver = device.id().pool().driver();
        return consumed.entrySet().stream().allMatch(each -> {
            BigDecimal sum = DecimalQuantity.of(each.getValue())
                    .value()
                    .add(usage.consumed(device.id(), QualifiedNames.qualified(driver, each.getKey())));
            for (List<ChosenDevice> ofClaim : chosen) {
                for (ChosenDevice other : ofClaim) {
                    Quantity share = other.device() == device ? other.consumed().get(each.getKey()) : null;
                    sum = share == null
                            ? sum
                            : sum.add(DecimalQuantity.of(share).value());
                }
            }
            DeviceCapacity all = OrEmpty.of(device.device().getCapacity()).get(each.getKey());
            return all != null
                    && sum.compareTo(DecimalQuantity.of(all.getValue()).value()) <= 0;
        });
    }

    private boolean takeCounters(PooledDevice device) {
        Map<String, Map<String, BigDecimal>> consumption = DevicePool.consumption(device.device());
        return consumption.isEmpty() || counters(device).take(consumption);
    }

    private void giveBackCounters(PooledDevice device) {
        Map<String, Map<String, BigDecimal>> consumption = DevicePool.consumption(device.device());
        if (!consumption.isEmpty()) {
            counters(device).giveBack(consumption);
        }
    }

    private Counters counters(PooledDevice device) {
        return counters.computeIfAbsent(device.id().pool(), key -> new Counters(pool(key), usage));
    }

    private DevicePool pool(PoolKey key) {
        DevicePool pool = byKey.get(key);
        if (pool == null) {
            throw new IllegalStateException("pool " + key + " is not one of those that are looked at");
        }
        return pool;
    }

    private boolean obeysRules(int claim, RequestOption option, PooledDevice device) {
        List<AttributeRule> asked = new ArrayList<>();
        for (AttributeRule rule : rules.get(claim)) {
            if (rule.concerns(option)) {
                if (!rule.choose(device)) {
                    asked.forEach(AttributeRule::giveUpLast);
                    return false;
                }
                asked.add(rule);
            }
        }
        return true;
    }
}
