package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.devices.DeviceAccount.Place;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives containers what they ask for, in two steps. First devices are taken, so that no other gets them; that asks nobody.
 * Then their plugins are asked, without the lock that all others wait for: which devices they would rather give, for
 * which those that were taken are changed as far as others are free, and what the container is to be told.
 */
final class Allocator {
    private final Object lock;
    private final Map<String, DevicePool> pools;
    private final DeviceAccount account;

    /** In which nodes containers are to be that plugins have not been asked for yet; those for which it matters. */
    private final Map<Place, NodeSet> where = new HashMap<>();

    /** What is to be had, and by whom. */
    private record Offer(PluginSession session, DeviceChoice.Step step) {}

    /**
     * @param lock of the pools and the account
     * @param pools by resource
     */
    Allocator(Object lock, Map<String, DevicePool> pools, DeviceAccount account) {
        this.lock = lock;
        this.pools = pools;
        this.account = account;
    }

    /** The containers that start by themselves, in the order in which they do. */
    static List<PodContainer> inOrder(Pod pod) {
        List<PodContainer> containers = new ArrayList<>(PodContainers.initial(pod));
        containers.addAll(PodContainers.ordinary(pod));
        return containers;
    }

    /**
     * Takes for a container what it does not have yet. What init containers have is theirs until they end, and can be had
     * by those after them; what sidecars have is not.
     *
     * @param nodes where the container is to be; empty if that does not matter
     * @return the resources of which something was taken
     * @throws DeviceProblem if not all can be had; then nothing is taken
     */
    Set<String> take(Pod pod, Container container, Optional<NodeSet> nodes) throws DeviceProblem {
        Place place = new Place(pod.getMetadata().getUid(), container.getName());
        Map<String, Integer> wishes = wishes(container);
        Map<String, Given> taken = new TreeMap<>();
        synchronized (lock) {
            where.remove(place);
            nodes.ifPresent(set -> where.put(place, set));
            for (Map.Entry<String, Integer> wish : wishes.entrySet()) {
                String resource = wish.getKey();
                int count = wish.getValue();
                Given known = account.of(place).get(resource);
                if (known == null) {
                    Offer offer = offer(pod, place, resource, count);
                    Set<String> chosen = DeviceChoice.completed(
                            offer.step().chosen(),
                            count,
                            List.of(),
                            offer.step().candidates());
                    taken.put(resource, given(resource, chosen).unanswered());
                } else if (known.ids().size() != count) {
                    throw new DeviceProblem(
                            "pod \"%s\" container \"%s\" changed request for resource \"%s\" from %d to %d"
                                    .formatted(
                                            place.podUid(),
                                            place.container(),
                                            resource,
                                            known.ids().size(),
                                            count));
                }
            }
            taken.forEach((resource, what) -> account.put(place, resource, what));
        }
        return taken.keySet();
    }

    /**
     * Asks plugins for what was taken for a container and not asked for yet.
     *
     * @return whether there was such
     * @throws DeviceProblem if one refuses, or does not answer in time
     */
    boolean complete(Pod pod, Container container) throws DeviceProblem, InterruptedException {
        Place place = new Place(pod.getMetadata().getUid(), container.getName());
        Map<String, Given> taken;
        synchronized (lock) {
            taken = new TreeMap<>(account.of(place));
        }
        taken.values().removeIf(Given::isAnswered);
        for (Map.Entry<String, Given> each : taken.entrySet()) {
            complete(pod, place, each.getKey(), each.getValue().ids().size());
        }
        synchronized (lock) {
            where.remove(place);
        }
        return !taken.isEmpty();
    }

    private void complete(Pod pod, Place place, String resource, int count) throws DeviceProblem, InterruptedException {
        Offer offer;
        synchronized (lock) {
            offer = offer(pod, place, resource, count);
        }
        List<String> preferred = List.of();
        if (offer.step().chosen().size() < count) {
            Set<String> available = new TreeSet<>(offer.step().candidates());
            available.addAll(offer.step().chosen());
            preferred = offer.session().preferred(available, offer.step().chosen(), count);
        }
        Given chosen;
        synchronized (lock) {
            // Others may have taken of them meanwhile.
            DeviceChoice.Step now = offer(pod, place, resource, count).step();
            chosen = given(resource, DeviceChoice.completed(now.chosen(), count, preferred, now.candidates()));
            account.put(place, resource, chosen.unanswered());
        }
        ContainerAllocateResponse answer = offer.session().allocate(chosen.ids());
        synchronized (lock) {
            account.put(place, resource, chosen.answered(answer));
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

    private Given given(String resource, Set<String> ids) {
        DevicePool pool = pools.get(resource);
        return Given.of(
                ids.stream()
                        .map(id -> pool == null
                                ? new KnownDevice(id, false, List.of())
                                : pool.find(id).orElse(new KnownDevice(id, false, List.of())))
                        .toList(),
                ContainerAllocateResponse.getDefaultInstance());
    }

    /** What a container could have: what was taken for it is as good as free. */
    private Offer offer(Pod pod, Place place, String resource, int count) throws DeviceProblem {
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
                count,
                reusable(pod, place, resource).stream()
                        .filter(healthy::contains)
                        .toList());
        Set<String> used = account.used(resource);
        Given own = account.of(place).get(resource);
        if (own != null) {
            used.removeAll(own.ids());
        }
        Set<String> free = new TreeSet<>(healthy);
        free.removeAll(used);
        Set<String> all = new HashSet<>(begun);
        all.addAll(free);
        if (all.size() < count) {
            throw new DeviceProblem("requested number of devices unavailable for %s. Requested: %d, Available: %d"
                    .formatted(resource, count - begun.size(), free.size()));
        }
        List<KnownDevice> devices =
                free.stream().flatMap(id -> pool.find(id).stream()).toList();
        return new Offer(session, DeviceChoice.near(begun, count, devices, Optional.ofNullable(where.get(place))));
    }

    /** A pod is gone. */
    void forget(String podUid) {
        synchronized (lock) {
            where.keySet().removeIf(place -> place.podUid().equals(podUid));
        }
    }

    /**
     * From which nodes a container could have its devices, or has them.
     *
     * @param all the machine's nodes
     * @return by resource; without those of which it does not matter
     */
    Map<String, List<Hint>> hints(Pod pod, Container container, NodeSet all) throws DeviceProblem {
        Place place = new Place(pod.getMetadata().getUid(), container.getName());
        Map<String, Integer> wishes = wishes(container);
        Map<String, List<Hint>> hints = new TreeMap<>();
        synchronized (lock) {
            for (Map.Entry<String, Integer> wish : wishes.entrySet()) {
                String resource = wish.getKey();
                Given known = account.of(place).get(resource);
                hints(
                                all,
                                resource,
                                known == null ? Set.of() : known.ids(),
                                reusable(pod, place, resource),
                                wish.getValue())
                        .ifPresent(found -> hints.put(resource, found));
            }
        }
        return hints;
    }

    /** From which nodes all containers of a pod could have their devices, or have them, likewise. */
    Map<String, List<Hint>> hints(Pod pod, NodeSet all) throws DeviceProblem {
        Map<String, Integer> wishes = new TreeMap<>();
        Map<String, Integer> sidecars = new TreeMap<>();
        for (PodContainer container : PodContainers.initial(pod)) {
            wishes(container.container()).forEach((resource, count) -> {
                wishes.merge(resource, count + sidecars.getOrDefault(resource, 0), Math::max);
                if (container.sort() == PodContainer.Sort.SIDECAR) {
                    sidecars.merge(resource, count, Integer::sum);
                }
            });
        }
        Map<String, Integer> running = new TreeMap<>(sidecars);
        for (PodContainer container : PodContainers.ordinary(pod)) {
            wishes(container.container()).forEach((resource, count) -> running.merge(resource, count, Integer::sum));
        }
        running.forEach((resource, count) -> wishes.merge(resource, count, Math::max));
        Map<String, List<Hint>> hints = new TreeMap<>();
        synchronized (lock) {
            wishes.forEach((resource, count) -> {
                Set<String> has = new TreeSet<>();
                for (PodContainer container : inOrder(pod)) {
                    Given known = account.of(new Place(pod.getMetadata().getUid(), container.name()))
                            .get(resource);
                    has.addAll(known == null ? Set.of() : known.ids());
                }
                hints(all, resource, has, Set.of(), count).ifPresent(found -> hints.put(resource, found));
            });
        }
        return hints;
    }

    /** @param has what is given already, which may be another number than is wanted now */
    private Optional<List<Hint>> hints(NodeSet all, String resource, Set<String> has, Set<String> reusable, int count) {
        DevicePool pool = pools.get(resource);
        if (pool == null || !DeviceHints.matters(pool.all())) {
            return Optional.empty();
        }
        if (!has.isEmpty()) {
            return Optional.of(has.size() == count ? DeviceHints.of(all, pool.all(), has, Set.of(), count) : List.of());
        }
        Set<String> free = pool.healthy();
        free.removeAll(account.used(resource));
        Set<String> left = new HashSet<>(reusable);
        left.addAll(free);
        return Optional.of(left.size() < count ? List.of() : DeviceHints.of(all, pool.all(), free, reusable, count));
    }

    /** What containers before one in the same pod leave to it. */
    private Set<String> reusable(Pod pod, Place place, String resource) {
        Set<String> reusable = new TreeSet<>();
        for (PodContainer container : inOrder(pod)) {
            if (container.name().equals(place.container())) {
                break;
            }
            Given had = account.of(new Place(place.podUid(), container.name())).get(resource);
            if (had == null) {
                continue;
            }
            if (container.sort() == PodContainer.Sort.INIT) {
                reusable.addAll(had.ids());
            } else {
                reusable.removeAll(had.ids());
            }
        }
        return reusable;
    }
}
