package io.keelson.agent.devices;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which devices a container gets. Without I/O. */
final class DeviceChoice {
    private DeviceChoice() {}

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
