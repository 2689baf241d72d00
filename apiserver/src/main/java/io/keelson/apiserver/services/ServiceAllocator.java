package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.core.ServiceTypes;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Allocator;
import io.keelson.apiserver.resource.Reservation;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives Services what they hold: an address of each family, a port on every node for each of their ports if their type asks
 * for it, and one for the health checks of load balancers.
 */
public final class ServiceAllocator implements Allocator {
    private static final Logger log = LoggerFactory.getLogger(ServiceAllocator.class);

    private final RestApi rest;
    private final Resource endpoints;
    private final FamilyRules families;
    private final ServiceRanges ranges;
    private final ClusterAddresses addresses;
    private final NodePorts ports;
    private final AllocationMetrics metrics;

    /**
     * @param keyPrefix what all keys begin with, {@code /registry}
     * @param families those that the cluster has ranges for, the one to prefer first
     */
    public ServiceAllocator(
            RestApi rest,
            ObjectStore store,
            String keyPrefix,
            List<IpFamily> families,
            PortRange portRange,
            AllocationMetrics metrics) {
        this.rest = rest;
        this.endpoints = rest.resource("", "endpoints");
        this.families = new FamilyRules(families);
        this.ranges = new ServiceRanges(rest);
        this.metrics = metrics;
        this.addresses = new ClusterAddresses(rest, ranges, metrics);
        this.ports = new NodePorts(store, keyPrefix, portRange);
        metrics.follow(addresses::rooms, ports::rooms);
    }

    ServiceRanges ranges() {
        return ranges;
    }

    NodePorts ports() {
        return ports;
    }

    @Override
    public Reservation forCreate(WriteContext context, ObjectNode service) throws InterruptedException {
        families.apply(service, null);
        return reserve(context, service, (spec, reservation) -> {
            takeAddresses(service, spec, reservation);
            if (takesPorts(spec)) {
                firstPorts(service, spec, reservation);
            }
            if (ServiceTypes.hasHealthCheck(spec)) {
                healthCheckPort(spec, reservation);
            }
        });
    }

    @Override
    public Reservation forUpdate(WriteContext context, ObjectNode service, ObjectNode stored)
            throws InterruptedException {
        ObjectNode old = stored.deepCopy();
        FamilyRules.fillInOld(old);
        JsonNode before = old.path("spec");
        families.apply(service, old);
        return reserve(context, service, (spec, reservation) -> {
            changeAddresses(service, spec, before, reservation);
            if (takesPorts(before) && !takesPorts(spec)) {
                nodePorts(before).forEach(reservation::leavePort);
            }
            if (takesPorts(spec)) {
                changePorts(service, spec, before, reservation);
            }
            boolean checked = ServiceTypes.hasHealthCheck(spec);
            boolean wasChecked = ServiceTypes.hasHealthCheck(before);
            if (checked && !wasChecked) {
                healthCheckPort(spec, reservation);
            } else if (wasChecked && !checked) {
                reservation.leavePort(before.path("healthCheckNodePort").asInt());
            }
        });
    }

    /** What is taken for a Service. */
    @FunctionalInterface
    private interface Taking {
        void run(ObjectNode spec, ServiceReservation reservation) throws InterruptedException;
    }

    private Reservation reserve(WriteContext context, ObjectNode service, Taking taking) throws InterruptedException {
        if (!(service.get("spec") instanceof ObjectNode spec)) {
            return Reservation.NONE;
        }
        ServiceReservation reservation =
                new ServiceReservation(addresses, ports, metrics, ServiceName.of(service), context.dryRun());
        try {
            taking.run(spec, reservation);
            return reservation;
        } catch (RuntimeException | InterruptedException e) {
            reservation.close();
            throw e;
        }
    }

    /** Takes an address for each family: the one that stands there, or any. */
    private static void takeAddresses(ObjectNode service, ObjectNode spec, ServiceReservation reservation)
            throws InterruptedException {
        if (!ServiceTypes.hasAddress(spec) || FamilyRules.isHeadless(spec)) {
            return;
        }
        List<String> wanted = FamilyRules.texts(spec, "clusterIPs");
        List<String> got = new ArrayList<>();
        List<String> wantedFamilies = FamilyRules.texts(spec, "ipFamilies");
        for (int i = 0; i < wantedFamilies.size(); i++) {
            String wish = i < wanted.size() ? wanted.get(i) : "";
            got.add(takeAddress(service, spec, wantedFamilies.get(i), wish, reservation));
        }
        FamilyRules.set(spec, "clusterIPs", got);
        if (!got.isEmpty()) {
            spec.put("clusterIP", got.getFirst());
        }
    }

    private static String takeAddress(
            ObjectNode service, ObjectNode spec, String familyText, String wish, ServiceReservation reservation)
            throws InterruptedException {
        if (wish.isEmpty()) {
            IpFamily family = IpFamily.of(familyText);
            if (family == null) {
                throw new IllegalStateException(familyText + " is no family of addresses");
            }
            try {
                return reservation.takeAnyAddress(family).toString();
            } catch (CannotAllocateException e) {
                throw ApiException.internal("failed to allocate a serviceIP: " + e.message(), e);
            }
        }
        Address address = Address.parse(wish);
        if (address == null) {
            throw new IllegalStateException(wish + " is no address");
        }
        try {
            reservation.takeAddress(address);
            return wish;
        } catch (CannotAllocateException e) {
            FieldErrors errors = new FieldErrors();
            errors.invalid(
                    FieldPath.of("spec", "clusterIPs"),
                    spec.get("clusterIPs"),
                    "failed to allocate IP " + address + ": " + e.message());
            throw invalid(service, errors);
        }
    }

    /** Types that have addresses come and go, and so do second families; the first address stays. */
    private static void changeAddresses(
            ObjectNode service, ObjectNode spec, JsonNode before, ServiceReservation reservation)
            throws InterruptedException {
        if (FamilyRules.staysAsItPrefers(spec, before)) {
            return;
        }
        boolean has = ServiceTypes.hasAddress(spec);
        boolean had = ServiceTypes.hasAddress(before);
        if (has && !had) {
            takeAddresses(service, spec, reservation);
            return;
        }
        if (!had || FamilyRules.isHeadless(before)) {
            return;
        }
        List<String> addressesBefore = FamilyRules.texts(before, "clusterIPs");
        if (!has) {
            addressesBefore.forEach(text -> leave(text, reservation));
            return;
        }
        List<String> now = FamilyRules.texts(spec, "ipFamilies");
        int familiesBefore = before.path("ipFamilies").size();
        if (familiesBefore == 1 && now.size() == 2) {
            List<String> wanted = FamilyRules.texts(spec, "clusterIPs");
            String wish = wanted.size() > 1 ? wanted.get(1) : "";
            String second = takeAddress(service, spec, now.get(1), wish, reservation);
            FamilyRules.set(
                    spec, "clusterIPs", wanted.isEmpty() ? List.of(second) : List.of(wanted.getFirst(), second));
        } else if (familiesBefore == 2 && now.size() == 1 && addressesBefore.size() == 2) {
            leave(addressesBefore.get(1), reservation);
        }
    }

    private static void leave(String text, ServiceReservation reservation) {
        Address address = Address.parse(text);
        if (address != null) {
            reservation.leaveAddress(address);
        }
    }

    private static boolean takesPorts(JsonNode spec) {
        String type = spec.path("type").asText();
        return type.equals("NodePort") || type.equals("LoadBalancer");
    }

    private static List<ObjectNode> ports(JsonNode spec) {
        List<ObjectNode> ports = new ArrayList<>();
        spec.path("ports").forEach(port -> {
            if (port instanceof ObjectNode object) {
                ports.add(object);
            }
        });
        return ports;
    }

    private static int nodePort(JsonNode port) {
        return port.path("nodePort").asInt();
    }

    private static List<Integer> nodePorts(JsonNode spec) {
        List<Integer> ports = new ArrayList<>();
        spec.path("ports").forEach(port -> {
            if (nodePort(port) != 0) {
                ports.add(nodePort(port));
            }
        });
        return ports;
    }

    /**
     * Takes a port of the nodes for each port of a new Service. Ports of the same number, in other protocols, share one:
     * that which one of them asks for, if any does.
     */
    private static void firstPorts(ObjectNode service, ObjectNode spec, ServiceReservation reservation)
            throws InterruptedException {
        boolean any = ServiceTypes.hasNodePorts(spec);
        List<ObjectNode> all = ports(spec);
        List<SharedPort> taken = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            ObjectNode port = all.get(i);
            int wish = nodePort(port);
            if (wish == 0 && !any) {
                continue;
            }
            int number = port.path("port").asInt();
            SharedPort shared = taken.stream()
                    .filter(other -> other.number() == number)
                    .findFirst()
                    .orElse(null);
            if (shared == null) {
                int wishOfAny = all.stream()
                        .filter(other -> other.path("port").asInt() == number && nodePort(other) != 0)
                        .mapToInt(ServiceAllocator::nodePort)
                        .findFirst()
                        .orElse(0);
                int got = wishOfAny == 0 ? takeAnyPort(reservation) : takePort(service, i, wishOfAny, reservation);
                port.put("nodePort", got);
                taken.add(new SharedPort(number, got));
            } else if (wish == 0) {
                port.put("nodePort", shared.nodePort());
            } else if (wish != shared.nodePort()) {
                takePort(service, i, wish, reservation);
            }
        }
    }

    /** The port of the nodes for all ports of a Service that have the same number. */
    private record SharedPort(int number, int nodePort) {}

    private static int takeAnyPort(ServiceReservation reservation) throws InterruptedException {
        try {
            return reservation.takeAnyPort();
        } catch (CannotAllocateException e) {
            throw ApiException.internal("failed to allocate a nodePort: " + e.message(), e);
        }
    }

    private static int takePort(ObjectNode service, int index, int port, ServiceReservation reservation)
            throws InterruptedException {
        try {
            reservation.takePort(port);
            return port;
        } catch (CannotAllocateException e) {
            FieldErrors errors = new FieldErrors();
            errors.invalid(FieldPath.of("spec", "ports").index(index).child("nodePort"), port, e.message());
            throw invalid(service, errors);
        }
    }

    /** Takes what a changed Service has not got yet, and leaves what it has no longer. */
    private static void changePorts(
            ObjectNode service, ObjectNode spec, JsonNode before, ServiceReservation reservation)
            throws InterruptedException {
        boolean any = ServiceTypes.hasNodePorts(spec);
        List<Integer> had = nodePorts(before);
        List<Integer> taken = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        List<ObjectNode> all = ports(spec);
        for (int i = 0; i < all.size(); i++) {
            ObjectNode port = all.get(i);
            int wish = nodePort(port);
            if (wish == 0) {
                if (!any) {
                    continue;
                }
                port.put("nodePort", takeAnyPort(reservation));
            } else if (!had.contains(wish) && !taken.contains(wish)) {
                taken.add(takePort(service, i, wish, reservation));
            }
            String key = "{" + port.path("protocol").asText() + " " + nodePort(port) + "}";
            if (seen.contains(key)) {
                throw ApiException.of(Reason.UNKNOWN, "duplicate nodePort: " + key);
            }
            seen.add(key);
        }
        List<Integer> has = nodePorts(spec);
        had.stream().filter(port -> !has.contains(port)).distinct().forEach(reservation::leavePort);
    }

    private static void healthCheckPort(ObjectNode spec, ServiceReservation reservation) throws InterruptedException {
        int wish = spec.path("healthCheckNodePort").asInt();
        try {
            if (wish != 0) {
                reservation.takePort(wish);
            } else {
                spec.put("healthCheckNodePort", reservation.takeAnyPort());
            }
        } catch (CannotAllocateException e) {
            throw ApiException.internal(
                    wish != 0
                            ? "failed to allocate requested HealthCheck NodePort " + wish + ": " + e.message()
                            : "failed to allocate a HealthCheck NodePort 0: " + e.message(),
                    e);
        }
    }

    @Override
    public void release(ObjectNode removed) throws InterruptedException {
        ObjectNode service = removed.deepCopy();
        FamilyRules.fillInOld(service);
        JsonNode spec = service.path("spec");
        ServiceName name = ServiceName.of(service);
        try {
            // Before somebody makes a Service of the same name and finds endpoints that are not its own.
            rest.delete(endpoints, name.namespace(), name.name());
        } catch (ApiException e) {
            log.warn("the endpoints of Service {} could not be removed: {}", name, e.message());
        }
        if (ServiceTypes.hasAddress(spec) && !FamilyRules.isHeadless(spec)) {
            for (String text : FamilyRules.texts(spec, "clusterIPs")) {
                Address address = Address.parse(text);
                if (address != null) {
                    addresses.giveBack(address, name);
                }
            }
        }
        for (int port : nodePorts(spec).stream().distinct().toList()) {
            ports.giveBack(port);
        }
        int healthCheck = spec.path("healthCheckNodePort").asInt();
        if (ServiceTypes.hasHealthCheck(spec) && healthCheck > 0) {
            ports.giveBack(healthCheck);
        }
    }

    private static ApiException invalid(ObjectNode service, FieldErrors errors) {
        return ApiException.invalid(FamilyRules.SERVICE, ObjectMeta.name(service), errors.list());
    }
}
