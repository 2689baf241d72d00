package io.keelson.agent.devices;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** From which NUMA nodes devices of a resource could be given, by the kubelet's rules. Without I/O. */
final class DeviceHints {
    private DeviceHints() {}

    /** Whether it matters for some of them. */
    static boolean matters(Collection<KnownDevice> devices) {
        return devices.stream().anyMatch(device -> !device.near().isEmpty());
    }

    /**
     * All sets of nodes that have enough of them. Those are preferred that are no larger than they would have to be if
     * nobody had any device yet.
     *
     * @param all the machine's nodes, of which there are not too many to look at all their parts
     * @param devices all that there are, whoever has them
     * @param free ids of those that can be had
     * @param reusable ids of those that containers before leave, which are taken first, so that their nodes have to be
     *     among the set
     * @param count how many are wanted
     */
    static List<Hint> of(
            NodeSet all, Collection<KnownDevice> devices, Set<String> free, Set<String> reusable, int count) {
        List<NodeSet> possible = new ArrayList<>();
        int least = all.size();
        for (NodeSet part : all.parts()) {
            if (devices.stream().filter(device -> device.isNear(part)).count() >= count) {
                least = Math.min(least, part.size());
            }
            List<KnownDevice> left = devices.stream()
                    .filter(device ->
                            reusable.contains(device.id()) && !device.near().isEmpty())
                    .toList();
            long matching = devices.stream()
                            .filter(device -> free.contains(device.id())
                                    && !reusable.contains(device.id())
                                    && device.isNear(part))
                            .count()
                    + left.size();
            if (left.stream().allMatch(device -> device.isNear(part)) && matching >= count) {
                possible.add(part);
            }
        }
        int preferred = least;
        return possible.stream()
                .map(part -> Hint.of(part, part.size() == preferred))
                .toList();
    }
}
