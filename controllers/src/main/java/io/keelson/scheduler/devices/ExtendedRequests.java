package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerExtendedResourceRequest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequest;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.devices.selectors.DecimalQuantity;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The extended resources that a pod requests and that stand for devices of a class.
 *
 * <p>Each container has a request of its own for each resource, called {@code container-2-request-0}: by its place among
 * init containers and containers, and the place of the resource among all that it requests. Init containers that end make do
 * with devices of those that come after them, and of earlier ones of their kind; only what these are too few for is
 * requested besides. So all together are as many as the pod counts for.
 *
 * @param classes by resource, the name of the class
 */
record ExtendedRequests(Pod pod, SortedMap<String, String> classes) {
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    /**
     * What a claim asks for.
     *
     * @param mappings which containers have which request for which resource
     */
    record Wanted(List<DeviceRequest> requests, List<ContainerExtendedResourceRequest> mappings) {
        Wanted {
            requests = List.copyOf(requests);
            mappings = List.copyOf(mappings);
        }
    }

    /** @param order its place among init containers and containers */
    private record Place(int order, Container container, boolean stays, boolean isInit) {}

    private record Made(Place place, DeviceRequest request) {}

    /**
     * Reads a pod.
     *
     * @param classOf the class that an extended resource stands for; null if it stands for none
     */
    static ExtendedRequests of(PodInfo pod, Function<String, @Nullable String> classOf) {
        SortedMap<String, String> classes = new TreeMap<>();
        // Most pods request nothing but what every node has.
        if (pod.requests().length() > ResourceTable.PODS + 1) {
            for (Place place : places(pod.pod())) {
                for (String resource : requests(place.container()).keySet()) {
                    String name = count(place.container(), resource) > 0 ? classOf.apply(resource) : null;
                    if (name != null) {
                        classes.put(resource, name);
                    }
                }
            }
        }
        return new ExtendedRequests(pod.pod(), classes);
    }

    /** Whether there are none. */
    boolean isEmpty() {
        return classes.isEmpty();
    }

    /** What is asked for where only these resources come from devices. */
    Wanted of(Set<String> resources) {
        List<Place> places = places(pod);
        List<DeviceRequest> requests = new ArrayList<>();
        List<ContainerExtendedResourceRequest> mappings = new ArrayList<>();
        for (String resource : new TreeSet<>(resources)) {
            String className = classes.get(resource);
            List<Made> made = new ArrayList<>();
            places.stream().filter(Place::stays).forEach(place -> add(place, resource, className, made, mappings));
            places.stream()
                    .filter(place -> !place.stays())
                    .forEach(place -> add(place, resource, className, made, mappings));
            made.forEach(each -> requests.add(each.request()));
        }
        return new Wanted(requests, mappings);
    }

    private static void add(
            Place place,
            String resource,
            @Nullable String className,
            List<Made> made,
            List<ContainerExtendedResourceRequest> mappings) {
        long left = count(place.container(), resource);
        String container = place.container().getName();
        for (Made other : place.stays() ? List.<Made>of() : List.copyOf(made)) {
            if (left > 0 && isFreeFor(place, other.place())) {
                left -= other.request().getExactly().getCount();
                mappings.add(new ContainerExtendedResourceRequest(
                        container, other.request().getName(), resource));
            }
        }
        if (left > 0) {
            int number = List.copyOf(new TreeSet<>(requests(place.container()).keySet()))
                    .indexOf(resource);
            String name = "container-" + place.order() + "-request-" + number;
            made.add(new Made(
                    place,
                    new DeviceRequestBuilder()
                            .withName(name)
                            .withNewExactly()
                            .withDeviceClassName(className)
                            .withAllocationMode("ExactCount")
                            .withCount(left)
                            .endExactly()
                            .build()));
            mappings.add(new ContainerExtendedResourceRequest(container, name, resource));
        }
    }

    /** Whether one that ends does not run beside another: it does so only beside sidecars that were started before. */
    private static boolean isFreeFor(Place ending, Place other) {
        return !(other.stays() && other.isInit() && other.order() < ending.order());
    }

    private static List<Place> places(Pod pod) {
        List<Place> places = new ArrayList<>();
        for (Container each : OrEmpty.of(pod.getSpec().getInitContainers())) {
            places.add(new Place(places.size(), each, "Always".equals(each.getRestartPolicy()), true));
        }
        for (Container each : OrEmpty.of(pod.getSpec().getContainers())) {
            places.add(new Place(places.size(), each, true, false));
        }
        return places;
    }

    private static Map<String, Quantity> requests(Container container) {
        return container.getResources() == null
                ? Map.of()
                : OrEmpty.of(container.getResources().getRequests());
    }

    private static long count(Container container, String resource) {
        Quantity quantity = requests(container).get(resource);
        if (quantity == null) {
            return 0;
        }
        try {
            return DecimalQuantity.of(quantity)
                    .value()
                    .setScale(0, RoundingMode.CEILING)
                    .max(BigDecimal.ZERO)
                    .min(MOST)
                    .longValueExact();
        } catch (IllegalArgumentException e) {
            // No API server stores such a quantity.
            return 0;
        }
    }
}
