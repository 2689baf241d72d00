package io.keelson.agent.devices;

import io.keelson.agent.resources.topology.NodeSet;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Which devices a container gets. Without I/O. */
final class DeviceChoice {
    private DeviceChoice() {}

    /**
     * How far a choice is.
     *
     * @param chosen ids of those that are to be among it
     * @param candidates ids of those that the rest is to be taken of; what comes first is better
     */
    record Step(Set<String> chosen, Set<String> candidates) {}

    /**
     * What is left to be chosen when it is looked where devices are. If there are more than enough near to where the
     * container is to be, the rest is of these; else all of these are chosen, and the rest is of the others.
     *
     * @param begun what is chosen already
     * @param needed how many in all
     * @param free those that nobody has
     * @param where the container is to be; empty if that does not matter
     */
    static Step near(Set<String> begun, int needed, Collection<KnownDevice> free, Optional<NodeSet> where) {
        Set<String> aligned = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        if (where.isPresent() && DeviceHints.matters(free)) {
            free.stream().filter(device -> device.isNear(where.get())).forEach(device -> aligned.add(device.id()));
            free.stream().filter(device -> !device.near().isEmpty()).forEach(device -> others.add(device.id()));
        }
        free.forEach(device -> others.add(device.id()));
        aligned.removeAll(begun);
        if (needed - begun.size() < aligned.size()) {
            return new Step(begun, aligned);
        }
        Set<String> chosen = new LinkedHashSet<>(begun);
        chosen.addAll(aligned);
        others.removeAll(chosen);
        return new Step(chosen, others);
    }

    /**
     * What is chosen without asking anybody: what it may take over from containers before it.
     *
     * @param needed how many
     * @param reusable of those that ran before it in the same pod
     */
    static Set<String> begun(int needed, Collection<String> reusable) {
        Set<String> chosen = new LinkedHashSet<>();
        take(chosen, needed, reusable);
        return chosen;
    }

    /**
     * The rest: first what the plugin would rather have, then any.
     *
     * @param preferred what the plugin answered, which may be too few, too many or not free
     * @param free those that nobody has
     * @return fewer than needed if there are not enough
     */
    static Set<String> completed(Set<String> begun, int needed, Collection<String> preferred, Collection<String> free) {
        Set<String> chosen = new LinkedHashSet<>(begun);
        take(chosen, needed, preferred.stream().filter(free::contains).toList());
        take(chosen, needed, free);
        return chosen;
    }

    private static void take(Set<String> chosen, int needed, Collection<String> from) {
        for (String id : from) {
            if (chosen.size() >= needed) {
                return;
            }
            chosen.add(id);
        }
    }
}
