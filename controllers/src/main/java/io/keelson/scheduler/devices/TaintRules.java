package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaintBuilder;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Change;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The taints that administrators give to devices beside those of drivers. Owned by the thread that owns the state. */
final class TaintRules {
    private final Map<String, DeviceTaintRule> rules = new TreeMap<>();

    /**
     * A rule is new, another or gone.
     *
     * @return what is not any more, and what is; nothing if something newer is known
     */
    List<DeviceTaintRule> observe(Change<DeviceTaintRule> change) {
        String name = change.object().getMetadata().getName();
        DeviceTaintRule known = rules.get(name);
        DeviceTaintRule now = change.now();
        List<DeviceTaintRule> concerned = new ArrayList<>();
        if (now != null && known != null && ResourceVersions.isOlder(now, known)) {
            return concerned;
        }
        if (known != null) {
            rules.remove(name);
            concerned.add(known);
        }
        if (now != null) {
            rules.put(name, now);
            concerned.add(now);
        }
        return concerned;
    }

    /** Those that mean some device of a pool. */
    Collection<DeviceTaintRule> of(PoolKey pool) {
        return rules.values().stream()
                .filter(rule -> rule.concerns(pool.driver(), pool.pool()))
                .toList();
    }

    /** The taints that rules give to a device. */
    static List<DeviceTaint> of(DeviceId device, Collection<DeviceTaintRule> rules) {
        List<DeviceTaint> taints = new ArrayList<>();
        for (DeviceTaintRule rule : rules) {
            var taint = rule.getSpec().getTaint();
            if (taint != null
                    && rule.selects(device.pool().driver(), device.pool().pool(), device.name())) {
                taints.add(new DeviceTaintBuilder()
                        .withKey(taint.getKey())
                        .withValue(taint.getValue())
                        .withEffect(taint.getEffect())
                        .withTimeAdded(taint.getTimeAdded())
                        .build());
            }
        }
        return taints;
    }
}
