package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Compares the slices that a Service has with the endpoints that it is to have. Without I/O. */
final class SlicePlanner {
    static final String CONTROLLER = "endpointslice-controller.k8s.io";
    private static final String HEADLESS = "service.kubernetes.io/headless";
    private static final Set<String> RESERVED = Set.of(ManagedSlices.SERVICE_NAME, ManagedSlices.MANAGED_BY, HEADLESS);

    private final Service service;
    private final int maxEndpointsPerSlice;
    private final Map<String, String> labels;

    SlicePlanner(Service service, int maxEndpointsPerSlice) {
        this.service = service;
        this.maxEndpointsPerSlice = maxEndpointsPerSlice;
        labels = labels(service);
    }

    /** The labels of a Service's slices: its own, and those by which slices are found. */
    static Map<String, String> labels(Service service) {
        Map<String, String> labels =
                new HashMap<>(OrEmpty.of(service.getMetadata().getLabels()));
        labels.keySet().removeAll(RESERVED);
        if (EndpointPods.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        labels.put(ManagedSlices.SERVICE_NAME, service.getMetadata().getName());
        labels.put(ManagedSlices.MANAGED_BY, CONTROLLER);
        return labels;
    }

    /**
     * The plan for one family.
     *
     * @param existing the slices of the family; one that is not the Service's own, by the uid of its controller, is deleted
     * @param wanted the endpoints by their ports
     */
    SlicePlan plan(String family, List<EndpointSlice> existing, Map<PortSet, Map<EndpointIdentity, Endpoint>> wanted) {
        SlicePlan plan = new SlicePlan();
        Map<PortSet, List<EndpointSlice>> byPorts = new LinkedHashMap<>();
        for (EndpointSlice slice : existing) {
            if (Owners.isControlledBy(slice, service)) {
                byPorts.computeIfAbsent(PortSet.of(slice.getPorts()), ignored -> new ArrayList<>())
                        .add(slice);
            } else {
                plan.delete().add(slice);
            }
        }
        wanted.forEach((ports, endpoints) -> plan.add(Filling.plan(
                maxEndpointsPerSlice,
                labels,
                byPorts.getOrDefault(ports, List.of()),
                endpoints,
                () -> slice(family, ports))));
        byPorts.forEach((ports, slices) -> {
            if (!wanted.containsKey(ports)) {
                plan.delete().addAll(slices);
            }
        });
        if (plan.unchanged().isEmpty()
                && plan.update().isEmpty()
                && plan.create().isEmpty()) {
            keepPlace(family, plan);
        }
        return plan;
    }

    /** A Service without endpoints has one empty slice, so that everybody sees that it has been looked at. */
    private void keepPlace(String family, SlicePlan plan) {
        EndpointSlice empty = slice(family, new PortSet(List.of()));
        for (EndpointSlice there : plan.delete()) {
            if (Owners.isControlledBy(there, service)
                    && SlicePlan.endpoints(there).isEmpty()
                    && OrEmpty.of(there.getPorts()).isEmpty()
                    && Objects.equals(labels, there.getMetadata().getLabels())) {
                plan.delete().remove(there);
                plan.unchanged().add(there);
                return;
            }
        }
        plan.create().add(empty);
    }

    private EndpointSlice slice(String family, PortSet ports) {
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withGenerateName(service.getMetadata().getName() + '-')
                .withNamespace(service.getMetadata().getNamespace())
                .withLabels(labels)
                .withOwnerReferences(Owners.controllerReference(service))
                .endMetadata()
                .withAddressType(family)
                .build();
        slice.setPorts(new ArrayList<>(ports.toPorts()));
        slice.setEndpoints(new ArrayList<>());
        return slice;
    }
}
