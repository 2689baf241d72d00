package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceSpec;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.Selector;
import io.keelson.scheduler.devices.selectors.SelectorException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device of a slice, its taints, and from where it can be used. It does not change: another version of the slice, or of a
 * rule that taints it, has others. What expressions say of it is remembered. Owned by the thread that owns the state.
 */
final class PooledDevice {
    private static final int ANSWERS_MAX = 64;

    private final DeviceId id;
    private final Device device;
    private final Place place;
    private final List<DeviceTaint> taints;
    private final Map<Selector, Answer> answers = new HashMap<>();

    private record Answer(boolean selected, @Nullable SelectorException failure) {}

    /**
     * The nodes from which something can be used; none if nothing is said.
     *
     * @param nodeName the only one; empty if it is not said
     * @param selector which ones; null if it is not said
     */
    record Place(String nodeName, @Nullable NodeSelector selector, boolean allNodes) {
        static Place of(ResourceSliceSpec slice) {
            return new Place(OrEmpty.of(slice.getNodeName()), slice.getNodeSelector(), OrEmpty.of(slice.getAllNodes()));
        }

        static Place of(Device device) {
            return new Place(
                    OrEmpty.of(device.getNodeName()), device.getNodeSelector(), OrEmpty.of(device.getAllNodes()));
        }

        boolean includes(Node node) {
            if (!nodeName.isEmpty()) {
                return nodeName.equals(node.getMetadata().getName());
            }
            return selector != null ? NodeChoice.matches(selector, node) : allNodes;
        }
    }

    /** @param rules of administrators, that mean devices of the pool */
    PooledDevice(PoolKey pool, ResourceSliceSpec slice, Device device, Collection<DeviceTaintRule> rules) {
        this.id = new DeviceId(pool, device.getName());
        List<DeviceTaint> all = new ArrayList<>(OrEmpty.of(device.getTaints()));
        all.addAll(TaintRules.of(id, rules));
        this.taints = List.copyOf(all);
        this.device = device;
        this.place = OrEmpty.of(slice.getPerDeviceNodeSelection()) ? Place.of(device) : Place.of(slice);
    }

    DeviceId id() {
        return id;
    }

    Device device() {
        return device;
    }

    Place place() {
        return place;
    }

    /** What its driver and administrators say against using it. */
    List<DeviceTaint> taints() {
        return taints;
    }

    /** Whether several allocations may share it. */
    boolean isShareable() {
        return OrEmpty.of(device.getAllowMultipleAllocations());
    }

    boolean hasBindingConditions() {
        return !OrEmpty.of(device.getBindingConditions()).isEmpty();
    }

    /** Whether an expression selects it. */
    boolean isSelectedBy(Selector selector) throws SelectorException {
        Answer answer = answers.get(selector);
        if (answer == null) {
            answer = ask(selector);
            if (answers.size() >= ANSWERS_MAX) {
                answers.clear();
            }
            answers.put(selector, answer);
        }
        if (answer.failure() != null) {
            throw answer.failure();
        }
        return answer.selected();
    }

    private Answer ask(Selector selector) {
        try {
            return new Answer(selector.selects(id.pool().driver(), device), null);
        } catch (SelectorException e) {
            return new Answer(false, e);
        }
    }
}
