package io.keelson.agent.devices;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The devices of one resource, as its plugin told of them last. Not for several threads at a time. */
final class DevicePool {
    /** How long a plugin may be away before its devices are not counted any more. */
    static final Duration GRACE = Duration.ofMinutes(5);

    /** What is said of a device of which nothing is known. */
    static final String UNKNOWN = "Unknown";

    private Map<String, KnownDevice> devices = Map.of();
    private @Nullable PluginSession session;
    /** Whether it has told of its devices since it came. */
    private boolean hasTold;

    private @Nullable Instant away;

    /** One whose plugin has not come since the agent began. */
    static DevicePool awaited(Instant now) {
        DevicePool pool = new DevicePool();
        pool.away = now;
        return pool;
    }

    /** Its plugin is there; returns the one of before, if that was. */
    Optional<PluginSession> begin(PluginSession now) {
        Optional<PluginSession> before = session();
        session = now;
        hasTold = false;
        away = null;
        return before;
    }

    Optional<PluginSession> session() {
        return Optional.ofNullable(session);
    }

    /**
     * What the plugin tells takes the place of all that it told before.
     *
     * @return whether any device may be otherwise than was known
     */
    boolean told(Collection<KnownDevice> all) {
        Set<String> before = healthy();
        Map<String, KnownDevice> now = new LinkedHashMap<>();
        all.forEach(device -> now.put(device.id(), device));
        boolean hasOthers = !hasTold || !now.keySet().equals(devices.keySet());
        hasTold = true;
        devices = now;
        return hasOthers || !healthy().equals(before);
    }

    /** How a device is: nobody knows before the plugin tells of it, and while it is away. */
    String health(String id) {
        KnownDevice device = session == null || !hasTold ? null : devices.get(id);
        if (device == null) {
            return UNKNOWN;
        }
        return device.healthy() ? "Healthy" : "Unhealthy";
    }

    /** Its plugin is away: what is in use stays so, and nothing else of it can be had. */
    void end(Instant now) {
        session = null;
        away = now;
        Map<String, KnownDevice> ill = new LinkedHashMap<>();
        devices.forEach((id, device) -> ill.put(id, new KnownDevice(id, false, device.nodes())));
        devices = ill;
    }

    /** Whether the plugin has been away for so long that its devices are not counted. */
    boolean isOver(Instant now) {
        return away != null && !now.isBefore(away.plus(GRACE));
    }

    /** All devices. */
    Collection<KnownDevice> all() {
        return devices.values();
    }

    int size() {
        return devices.size();
    }

    /** The ids of those that can be had. */
    Set<String> healthy() {
        Set<String> ids = new TreeSet<>();
        devices.values().stream().filter(KnownDevice::healthy).forEach(device -> ids.add(device.id()));
        return ids;
    }

    /** A device; empty if it is not told of now. */
    Optional<KnownDevice> find(String id) {
        return Optional.ofNullable(devices.get(id));
    }
}
