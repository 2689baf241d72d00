package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Change;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The classes of devices, by their names and by those of the extended resources that pods may ask for instead: the one that
 * a class says, and {@code deviceclass.resource.kubernetes.io/} with its own name behind. Owned by the thread that owns the
 * state.
 */
final class DeviceClasses {
    /** Before the name of a class, the extended resource that stands for it without its saying so. */
    static final String IMPLICIT = "deviceclass.resource.kubernetes.io/";

    /** Of several that say the same name the youngest counts; of those the first by name. */
    private static final Comparator<DeviceClass> BEST = Comparator.comparing(
                    (DeviceClass each) -> OrEmpty.of(each.getMetadata().getCreationTimestamp()))
            .reversed()
            .thenComparing(each -> each.getMetadata().getName());

    private final Map<String, DeviceClass> classes = new HashMap<>();
    private final Map<String, Map<String, DeviceClass>> byResource = new HashMap<>();
    private final Map<String, String> best = new HashMap<>();
    private long version;

    /** A class is new, another or gone. */
    void observe(Change<DeviceClass> change) {
        String name = change.object().getMetadata().getName();
        DeviceClass now = change.now();
        DeviceClass known = now == null ? classes.remove(name) : classes.put(name, now);
        if (known != null) {
            say(resource(known), name, null);
        }
        if (now != null) {
            say(resource(now), name, now);
        }
        version++;
    }

    private static String resource(DeviceClass of) {
        return of.getSpec() == null ? "" : OrEmpty.of(of.getSpec().getExtendedResourceName());
    }

    private void say(String resource, String name, @Nullable DeviceClass of) {
        if (resource.isEmpty()) {
            return;
        }
        Map<String, DeviceClass> all = byResource.computeIfAbsent(resource, ignored -> new TreeMap<>());
        if (of == null) {
            all.remove(name);
        } else {
            all.put(name, of);
        }
        if (all.isEmpty()) {
            byResource.remove(resource);
            best.remove(resource);
        } else {
            best.put(
                    resource,
                    all.values().stream().min(BEST).orElseThrow().getMetadata().getName());
        }
    }

    /** The class of a name; null if there is none. */
    @Nullable
    DeviceClass get(String name) {
        return classes.get(name);
    }

    /** The name of the class that an extended resource stands for; null if it stands for none. */
    @Nullable
    String of(String resource) {
        String said = best.get(resource);
        if (said != null || !resource.startsWith(IMPLICIT)) {
            return said;
        }
        String name = resource.substring(IMPLICIT.length());
        return classes.containsKey(name) ? name : null;
    }

    /** Another number after each change. */
    long version() {
        return version;
    }
}
