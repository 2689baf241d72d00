package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.Selector;
import java.util.List;
import java.util.Map;

/**
 * One way to satisfy a request: the request itself, or one of those that it lists by preference.
 *
 * @param request the name of the request
 * @param name its own: that of the request, or {@code request/subrequest}
 * @param selectors all of which a device has to be selected by, those of the class first
 * @param all whether all devices are wanted that are selected, and not a number of them
 * @param count how many are wanted, if not all; at least one
 * @param adminAccess whether devices are wanted that others may use
 * @param capacity how much of a device is wanted, by name
 */
record RequestOption(
        String request,
        String name,
        DeviceClass deviceClass,
        List<Named> selectors,
        boolean all,
        long count,
        boolean adminAccess,
        List<DeviceToleration> tolerations,
        Map<String, Quantity> capacity) {

    /** An expression, and what messages call it. */
    record Named(String where, Selector selector) {}

    /** Whether a constraint or a configuration that names a request means this. */
    boolean isMeantBy(List<String> requests) {
        return requests.isEmpty() || requests.contains(request) || requests.contains(name);
    }

    /** Whether a taint of a device keeps this from it. */
    boolean isKeptOffBy(DeviceTaint taint) {
        String effect = OrEmpty.of(taint.getEffect());
        return (effect.equals("NoSchedule") || effect.equals("NoExecute"))
                && tolerations.stream().noneMatch(toleration -> tolerates(toleration, taint));
    }

    private static boolean tolerates(DeviceToleration toleration, DeviceTaint taint) {
        String effect = OrEmpty.of(toleration.getEffect());
        String key = OrEmpty.of(toleration.getKey());
        if (!effect.isEmpty() && !effect.equals(taint.getEffect())) {
            return false;
        }
        if (!key.isEmpty() && !key.equals(taint.getKey())) {
            return false;
        }
        return switch (OrEmpty.of(toleration.getOperator())) {
            case "Exists" -> true;
            case "", "Equal" ->
                !key.isEmpty() && OrEmpty.of(toleration.getValue()).equals(OrEmpty.of(taint.getValue()));
            default -> false;
        };
    }
}
