package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceConstraint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the allocator should find, the plain way: all combinations are written down in order, and each is looked at as a whole.
 * For one pool of one node, devices with at most the attribute {@code color}, the capacity {@code mem} of 4 and the counter
 * {@code m} of 4, and requests without expressions.
 */
final class EveryCombination {
    private final List<ClaimPlan> plans;
    private final List<PooledDevice> devices;
    private final DeviceUsage usage;
    private final List<Pick> picks = new ArrayList<>();

    private record Pick(int claim, RequestOption option, PooledDevice device) {}

    EveryCombination(List<ClaimPlan> plans, DevicePool pool, DeviceUsage usage) {
        this.plans = plans;
        this.devices = List.copyOf(pool.devices().values());
        this.usage = usage;
    }

    @Nullable
    List<List<String>> first() {
        return request(0, 0);
    }

    private @Nullable List<List<String>> request(int claim, int request) {
        // More devices never make those allowed that are not.
        if (!isAllowed()) {
            return null;
        }
        if (claim == plans.size()) {
            return names();
        }
        if (request == plans.get(claim).requests().size()) {
            return request(claim + 1, 0);
        }
        for (RequestOption option : plans.get(claim).requests().get(request)) {
            List<List<String>> found =
                    option.all() ? all(claim, request, option) : some(claim, request, option, (int) option.count(), 0);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable List<List<String>> all(int claim, int request, RequestOption option) {
        devices.forEach(device -> picks.add(new Pick(claim, option, device)));
        List<List<String>> found = request(claim, request + 1);
        devices.forEach(_ -> picks.removeLast());
        return found;
    }

    private @Nullable List<List<String>> some(int claim, int request, RequestOption option, int count, int from) {
        if (count == 0) {
            return request(claim, request + 1);
        }
        for (int i = from; i < devices.size(); i++) {
            picks.add(new Pick(claim, option, devices.get(i)));
            List<List<String>> found = some(claim, request, option, count - 1, i);
            picks.removeLast();
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private List<List<String>> names() {
        List<List<String>> names = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            int claim = i;
            names.add(picks.stream()
                    .filter(pick -> pick.claim() == claim)
                    .map(pick -> pick.option().name() + "=" + pick.device().id().name())
                    .toList());
        }
        return names;
    }

    private boolean isAllowed() {
        return picks.stream().allMatch(this::isAllowedAlone)
                && devices.stream().allMatch(this::isNotOverused)
                && countersUsed() <= 4
                && constraintsHold();
    }

    private boolean isAllowedAlone(Pick pick) {
        Device device = pick.device().device();
        for (DeviceTaint taint : device.getTaints()) {
            if (taint.getEffect().equals("NoSchedule")
                    && pick.option().tolerations().isEmpty()) {
                return false;
            }
        }
        return pick.option().capacity().isEmpty() || !device.getCapacity().isEmpty();
    }

    private static boolean admin(Pick pick) {
        return pick.option().adminAccess();
    }

    private boolean isNotOverused(PooledDevice device) {
        List<Pick> of = picks.stream().filter(pick -> pick.device() == device).toList();
        List<Pick> users = of.stream().filter(pick -> !admin(pick)).toList();
        if (device.isShareable()) {
            long used = usage.consumed(device.id(), "d/mem").longValue();
            for (Pick pick : users) {
                Quantity asked = pick.option().capacity().get("mem");
                used += asked == null ? 4 : Long.parseLong(asked.getAmount());
            }
            return users.isEmpty() || used <= 4;
        }
        Set<Integer> claims = new HashSet<>();
        return users.size() + (usage.isTaken(device.id()) && !users.isEmpty() ? 1 : 0) <= 1
                && of.stream().allMatch(pick -> claims.add(pick.claim()));
    }

    /** Those of devices that are in use count, once for each device; if these alone are too many, no more may come. */
    private long countersUsed() {
        long before = 0;
        long now = 0;
        for (PooledDevice device : devices) {
            long consumes = device.device().getConsumesCounters().stream()
                    .flatMap(each -> each.getCounters().values().stream())
                    .mapToLong(counter -> Long.parseLong(counter.getValue().getAmount()))
                    .sum();
            if (usage.isTaken(device.id()) || usage.isShared(device.id())) {
                before += consumes;
            } else if (picks.stream().anyMatch(pick -> pick.device() == device && !admin(pick))) {
                now += consumes;
            }
        }
        return now == 0 ? 0 : before + now;
    }

    private boolean constraintsHold() {
        for (int i = 0; i < plans.size(); i++) {
            for (DeviceConstraint constraint : plans.get(i).constraints()) {
                int claim = i;
                List<@Nullable String> colors = new ArrayList<>();
                for (Pick pick : picks) {
                    if (pick.claim() == claim
                            && (constraint.getRequests().isEmpty()
                                    || constraint
                                            .getRequests()
                                            .contains(pick.option().request()))) {
                        var color = pick.device().device().getAttributes().get("color");
                        colors.add(color == null ? null : color.getString());
                    }
                }
                int different = new HashSet<>(colors).size();
                if (colors.contains(null)
                        || (constraint.getMatchAttribute() != null && different > 1)
                        || (constraint.getMatchAttribute() == null && different < colors.size())) {
                    return false;
                }
            }
        }
        return true;
    }
}
