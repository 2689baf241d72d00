package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.devices.DeviceAccount.Place;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives containers what they ask for. A device is taken before its plugin is asked, so that no other gets it
 * meanwhile; plugins are asked without the lock that all others wait for.
 */
final class Allocator {
    private final Object lock;
    private final Map<String, DevicePool> pools;
    private final DeviceAccount account;

    /** What was taken, so that it can be given back. */
    record Taken(Place place, String resource) {}

    /** What is to be had, and by whom. */
    private record Offer(PluginSession session, Set<String> begun, Set<String> free) {}

    /**
     * @param lock of the pools and the account
     * @param pools by resource
     */
    Allocator(Object lock, Map<String, DevicePool> pools, DeviceAccount account) {
        this.lock = lock;
        this.pools = pools;
        this.account = account;
    }

    /**
     * Gives a pod's containers what they do not have yet. What init containers have is theirs until they end, and can
     * be had by those after them; what sidecars have is not.
     *
     * @return what was given; on failure, all of it is given back
     */
    List<Taken> allocate(Pod pod) throws DeviceProblem, InterruptedException {
        List<PodContainer> containers = new ArrayList<>(PodContainers.initial(pod));
        containers.addAll(PodContainers.ordinary(pod));
        Map<String, Set<String>> reusable = new HashMap<>();
        List<Taken> taken = new ArrayList<>();
        boolean done = false;
        try {
            for (PodContainer container : containers) {
                Place place = new Place(pod.getMetadata().getUid(), container.name());
                for (Map.Entry<String, Integer> wish :
                        wishes(container.container()).entrySet()) {
                    String resource = wish.getKey();
                    Set<String> older = reusable.computeIfAbsent(resource, any -> new TreeSet<>());
                    Set<String> ids = give(place, resource, wish.getValue(), older, taken);
                    if (container.sort() == PodContainer.Sort.INIT) {
                        older.addAll(ids);
                    } else {
                        older.removeAll(ids);
                    }
                }
            }
            done = true;
            return taken;
        } finally {
            if (!done) {
                giveBack(taken);
            }
        }
    }

    /**
     * Gives one container what it does not have yet, as one that was let in when nobody shared its resource out.
     *
     * @return what was given; on failure, all of it is given back
     */
    List<Taken> allocate(Place place, Container container) throws DeviceProblem, InterruptedException {
        List<Taken> taken = new ArrayList<>();
        boolean done = false;
        try {
            for (Map.Entry<String, Integer> wish : wishes(container).entrySet()) {
                var _ = give(place, wish.getKey(), wish.getValue(), Set.of(), taken);
            }
            done = true;
            return taken;
        } finally {
            if (!done) {
                giveBack(taken);
            }
        }
    }

    void giveBack(List<Taken> taken) {
        synchronized (lock) {
            taken.forEach(one -> account.remove(one.place(), one.resource()));
        }
    }

    /** How many of what plugins share out; by its limits, as requests of such things are the same. */
    private Map<String, Integer> wishes(Container container) throws DeviceProblem {
        Map<String, Integer> wishes = new TreeMap<>();
        Map<String, Quantity> limits = container.getResources() == null
                ? Map.of()
                : OrEmpty.of(container.getResources().getLimits());
        for (Map.Entry<String, Quantity> limit : limits.entrySet()) {
            if (limit.getKey().indexOf('/') > 0 && isShared(limit.getKey())) {
                long count = Milli.of(limit.getValue()) / 1000;
                if (count < 0 || count > Integer.MAX_VALUE) {
                    throw new DeviceProblem("no number of devices: " + limit.getKey() + ": " + limit.getValue());
                }
                if (count > 0) {
                    wishes.put(limit.getKey(), (int) count);
                }
            }
        }
        return wishes;
    }

    private boolean isShared(String resource) {
        synchronized (lock) {
            return pools.containsKey(resource) || account.resources().contains(resource);
        }
    }

    private Set<String> give(Place place, String resource, int count, Set<String> reusable, List<Taken> taken)
            throws DeviceProblem, InterruptedException {
        Offer offer;
        synchronized (lock) {
            Given known = account.of(place).get(resource);
            if (known != null) {
                if (known.ids().size() != count) {
                    throw new DeviceProblem(
                            "pod \"%s\" container \"%s\" changed request for resource \"%s\" from %d to %d"
                                    .formatted(
                                            place.podUid(),
                                            place.container(),
                                            resource,
                                            known.ids().size(),
                                            count));
                }
                return known.ids();
            }
            offer = offer(resource, count, reusable);
        }
        List<String> preferred = List.of();
        if (offer.begun().size() < count) {
            Set<String> available = new TreeSet<>(offer.free());
            available.addAll(offer.begun());
            preferred = offer.session().preferred(available, offer.begun(), count);
        }
        Set<String> chosen;
        synchronized (lock) {
            // Others may have taken of them meanwhile.
            Offer now = offer(resource, count, reusable);
            chosen = DeviceChoice.completed(now.begun(), count, preferred, now.free());
            account.put(
                    place,
                    resource,
                    given(resource, chosen, ContainerAllocateResponse.getDefaultInstance())
                            .unanswered());
            taken.add(new Taken(place, resource));
        }
        ContainerAllocateResponse answer = offer.session().allocate(chosen);
        synchronized (lock) {
            account.put(place, resource, given(resource, chosen, answer));
        }
        return chosen;
    }

    private Given given(String resource, Set<String> ids, ContainerAllocateResponse answer) {
        DevicePool pool = pools.get(resource);
        return Given.of(
                ids.stream()
                        .map(id -> pool == null
                                ? new KnownDevice(id, false, List.of())
                                : pool.find(id).orElse(new KnownDevice(id, false, List.of())))
                        .toList(),
                answer);
    }

    private Offer offer(String resource, int count, Set<String> reusable) throws DeviceProblem {
        DevicePool pool = pools.get(resource);
        if (pool == null) {
            throw new DeviceProblem("cannot allocate unregistered device " + resource);
        }
        Set<String> healthy = pool.healthy();
        PluginSession session = pool.session().orElse(null);
        if (healthy.isEmpty() || session == null) {
            throw new DeviceProblem("no healthy devices present; cannot allocate unhealthy devices " + resource);
        }
        Set<String> begun = DeviceChoice.begun(
                count, reusable.stream().filter(healthy::contains).sorted().toList());
        Set<String> used = new HashSet<>(account.used(resource));
        Set<String> free = new TreeSet<>(healthy);
        free.removeAll(used);
        if (begun.size() + free.size() < count) {
            throw new DeviceProblem("requested number of devices unavailable for %s. Requested: %d, Available: %d"
                    .formatted(resource, count - begun.size(), free.size()));
        }
        return new Offer(session, begun, free);
    }
}
