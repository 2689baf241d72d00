package io.keelson.agent.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A claim that pods here use.
 *
 * @param pods their uids
 * @param drivers who has to do with it, and what they have made ready
 * @param ready whether all of them have
 */
record UsedClaim(
        String namespace,
        String name,
        String uid,
        Set<String> pods,
        Map<String, List<ReadyDevice>> drivers,
        boolean ready) {
    UsedClaim {
        pods = new TreeSet<>(pods);
        drivers = new TreeMap<>(drivers);
    }

    /** How others call it. */
    String key() {
        return namespace + "/" + name;
    }

    UsedClaim with(String podUid) {
        Set<String> more = new TreeSet<>(pods);
        more.add(podUid);
        return new UsedClaim(namespace, name, uid, more, drivers, ready);
    }

    UsedClaim without(String podUid) {
        Set<String> fewer = new TreeSet<>(pods);
        fewer.remove(podUid);
        return new UsedClaim(namespace, name, uid, fewer, drivers, ready);
    }

    UsedClaim with(Map<String, List<ReadyDevice>> made) {
        return new UsedClaim(namespace, name, uid, pods, made, true);
    }

    /** By what names the runtime knows the devices of a request. */
    List<String> names(String request) {
        List<String> names = new ArrayList<>();
        drivers.values()
                .forEach(devices -> devices.stream()
                        .filter(device -> device.isFor(request))
                        .forEach(device -> names.addAll(device.names())));
        return names;
    }
}
