package io.keelson.controllers.endpointslicemirroring;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.keelson.controllers.endpointslice.EndpointIdentity;
import io.keelson.controllers.endpointslice.ManagedSlices;
import io.keelson.controllers.endpointslice.PortSet;
import io.keelson.controllers.endpointslice.SlicePlan;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.TriggerTimes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Endpoints are as slices: one slice for each family and set of ports. Without I/O.
 *
 * @param plan what is to be written
 * @param invalid how many addresses are none
 * @param skipped how many addresses are left out, those that are none and those that are too many
 */
record Mirror(SlicePlan plan, int invalid, int skipped) {
    static final String CONTROLLER = "endpointslicemirroring-controller.k8s.io";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private record Group(String family, PortSet ports) {}

    /** Compares Endpoints with the slices that mirror them. */
    static Mirror of(Endpoints endpoints, List<EndpointSlice> existing, int maxEndpointsPerSubset) {
        Map<Group, Map<EndpointIdentity, Endpoint>> wanted = new LinkedHashMap<>();
        int invalid = 0;
        int skipped = 0;
        for (EndpointSubset subset : OrEmpty.of(endpoints.getSubsets())) {
            PortSet ports = ports(subset);
            int room = maxEndpointsPerSubset;
            for (Sighting one : sightings(subset)) {
                IpAddress ip = IpAddress.parse(one.address().getIp());
                if (room == 0 || ip == null) {
                    skipped++;
                    invalid += room == 0 ? 0 : 1;
                    continue;
                }
                room--;
                Endpoint endpoint = endpoint(one.address(), ip, one.ready());
                wanted.computeIfAbsent(new Group(ip.family(), ports), ignored -> new LinkedHashMap<>())
                        .put(EndpointIdentity.of(endpoint), endpoint);
            }
        }
        return new Mirror(plan(endpoints, existing, wanted, maxEndpointsPerSubset), invalid, skipped);
    }

    private record Sighting(EndpointAddress address, boolean ready) {}

    private static List<Sighting> sightings(EndpointSubset subset) {
        List<Sighting> all = new ArrayList<>();
        OrEmpty.of(subset.getAddresses()).forEach(address -> all.add(new Sighting(address, true)));
        OrEmpty.of(subset.getNotReadyAddresses()).forEach(address -> all.add(new Sighting(address, false)));
        return all;
    }

    private static PortSet ports(EndpointSubset subset) {
        return new PortSet(
                OrEmpty.of(subset.getPorts()).stream().map(Mirror::port).toList());
    }

    private static PortSet.Port port(EndpointPort port) {
        String protocol = OrEmpty.of(port.getProtocol());
        return new PortSet.Port(
                OrEmpty.of(port.getName()),
                protocol.isEmpty() ? "TCP" : protocol,
                port.getPort(),
                port.getAppProtocol());
    }

    private static Endpoint endpoint(EndpointAddress address, IpAddress ip, boolean ready) {
        String hostname = OrEmpty.of(address.getHostname());
        return new EndpointBuilder()
                .withAddresses(ip.toString())
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withTargetRef(address.getTargetRef())
                .withNodeName(address.getNodeName())
                .withHostname(hostname.isEmpty() ? null : hostname)
                .build();
    }

    private static SlicePlan plan(
            Endpoints endpoints,
            List<EndpointSlice> existing,
            Map<Group, Map<EndpointIdentity, Endpoint>> wanted,
            int max) {
        SlicePlan plan = new SlicePlan();
        Map<Group, EndpointSlice> kept = new HashMap<>();
        List<EndpointSlice> inOrder = new ArrayList<>(existing);
        inOrder.sort(Comparator.comparing(slice -> slice.getMetadata().getName()));
        for (EndpointSlice slice : inOrder) {
            Group group = new Group(OrEmpty.of(slice.getAddressType()), PortSet.of(slice.getPorts()));
            if (!Owners.isControlledBy(slice, endpoints)
                    || !wanted.containsKey(group)
                    || kept.putIfAbsent(group, slice) != null) {
                plan.delete().add(slice);
            }
        }
        wanted.forEach((group, all) -> {
            // Two subsets with the same ports share a slice, which may have no more than one of them.
            List<Endpoint> some = all.values().stream().limit(max).toList();
            EndpointSlice there = kept.get(group);
            EndpointSlice slice = slice(endpoints, group, some);
            if (there == null) {
                plan.create().add(slice);
            } else if (isSame(there, slice)) {
                plan.unchanged().add(there);
            } else {
                EndpointSlice changed = new EndpointSliceBuilder(there)
                        .editMetadata()
                        .withLabels(slice.getMetadata().getLabels())
                        .withAnnotations(slice.getMetadata().getAnnotations())
                        .endMetadata()
                        .build();
                changed.setEndpoints(slice.getEndpoints());
                plan.update().add(changed);
            }
        });
        plan.recycle();
        return plan;
    }

    private static boolean isSame(EndpointSlice there, EndpointSlice wanted) {
        if (!OrEmpty.of(there.getMetadata().getLabels())
                        .equals(wanted.getMetadata().getLabels())
                || !OrEmpty.of(there.getMetadata().getAnnotations())
                        .equals(wanted.getMetadata().getAnnotations())
                || OrEmpty.of(there.getEndpoints()).size()
                        != wanted.getEndpoints().size()) {
            return false;
        }
        Map<EndpointIdentity, Endpoint> left = new HashMap<>();
        wanted.getEndpoints().forEach(endpoint -> left.put(EndpointIdentity.of(endpoint), endpoint));
        for (Endpoint endpoint : OrEmpty.of(there.getEndpoints())) {
            Endpoint same = left.remove(EndpointIdentity.of(endpoint));
            if (same == null || !EndpointIdentity.isSameState(endpoint, same)) {
                return false;
            }
        }
        return true;
    }

    private static EndpointSlice slice(Endpoints endpoints, Group group, List<Endpoint> all) {
        Map<String, String> labels =
                new HashMap<>(OrEmpty.of(endpoints.getMetadata().getLabels()));
        labels.put(ManagedSlices.SERVICE_NAME, endpoints.getMetadata().getName());
        labels.put(ManagedSlices.MANAGED_BY, CONTROLLER);
        Map<String, String> annotations =
                new HashMap<>(OrEmpty.of(endpoints.getMetadata().getAnnotations()));
        annotations.remove(TriggerTimes.ANNOTATION);
        annotations.remove(LAST_APPLIED);
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withGenerateName(endpoints.getMetadata().getName() + '-')
                .withNamespace(endpoints.getMetadata().getNamespace())
                .withLabels(labels)
                .withAnnotations(annotations)
                .withOwnerReferences(Owners.controllerReference(endpoints))
                .endMetadata()
                .withAddressType(group.family())
                .build();
        slice.setPorts(new ArrayList<>(group.ports().toPorts()));
        slice.setEndpoints(new ArrayList<>(all));
        return slice;
    }
}
