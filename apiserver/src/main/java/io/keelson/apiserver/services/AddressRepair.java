package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.core.ServiceTypes;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Puts right what stands in the way of one IPAddress object for each address of a Service, and a Service for each IPAddress
 * object:
 *
 * <pre>
 * Service x, address a    no object a             made
 * Service x, address a    object a of y, no y     made anew, for x
 * Service x, address a    object a of y, y has a  told: x has to be made anew
 *                         object a of x, no x     removed, unless x may be about to be written
 * Service x, address b    object a of x           removed
 * </pre>
 *
 * <p>What the caches say is looked up in the store before anything is done about it. Any thread.
 */
final class AddressRepair {
    private static final String ACTION = "ClusterIPAllocation";
    private static final String ADDRESS_ACTION = "IPAddressAllocation";
    private static final String NOT_ALLOCATED = "ClusterIPNotAllocated";

    /** For as long as a request may take, an address may be there before its Service. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final RestApi rest;
    private final ServiceRanges ranges;
    private final Resource services;
    private final Resource addresses;
    private final Complaints complaints;
    private final InstantSource clock;

    AddressRepair(RestApi rest, ServiceRanges ranges, InstantSource clock) {
        this.rest = rest;
        this.ranges = ranges;
        this.services = rest.resource("", "services");
        this.addresses = rest.resource("networking.k8s.io", "ipaddresses");
        this.complaints = new Complaints(rest, "ipallocator-repair-controller", clock);
        this.clock = clock;
    }

    /** Looks at everything once. */
    void round() throws InterruptedException {
        for (ObjectNode service : rest.all("", "services", "")) {
            lookAt(service);
        }
        for (ObjectNode object : rest.all("networking.k8s.io", "ipaddresses", "")) {
            if (AddressObject.isManaged(object)) {
                look(object);
            }
        }
    }

    /** Looks at the addresses of one Service. */
    void lookAt(ObjectNode service) throws InterruptedException {
        if (hasAddresses(service)) {
            for (JsonNode text : service.path("spec").path("clusterIPs")) {
                look(service, text.asText(""));
            }
        }
    }

    /** Looks at the Service that an address was given to. */
    void lookAtParent(ObjectNode address) throws InterruptedException {
        if (AddressObject.isManaged(address) && AddressObject.isOfService(address)) {
            ServiceName parent = AddressObject.parent(address);
            ObjectNode service = rest.recent("", "services", parent.namespace(), parent.name());
            if (service != null) {
                lookAt(service);
            }
        }
    }

    private static boolean hasAddresses(JsonNode service) {
        JsonNode spec = service.path("spec");
        return ServiceTypes.hasAddress(spec) && !FamilyRules.isHeadless(spec);
    }

    /** An address of a Service, from the Service's side. */
    private void look(ObjectNode service, String text) throws InterruptedException {
        Address address = Address.parse(text);
        if (address == null) {
            complaints.say(
                    service,
                    "ClusterIPNotValid",
                    "ClusterIPValidation",
                    "Cluster IP " + text + " is not a valid IP; please recreate Service");
            return;
        }
        String shown = "[" + address.family() + "]: " + address;
        if (!ranges.cover(address)) {
            complaints.say(
                    service,
                    "ClusterIPOutOfRange",
                    ACTION,
                    "Cluster IP " + shown + " is not within any configured Service CIDR; please recreate service");
            return;
        }
        ObjectNode object = rest.recent("networking.k8s.io", "ipaddresses", "", address.toString());
        if (isRight(object, service, address)) {
            return;
        }
        ServiceName name = ServiceName.of(service);
        ObjectNode now = rest.read(services, name.namespace(), name.name());
        object = rest.read(addresses, "", address.toString());
        if (now == null || !has(now, address) || isRight(object, now, address)) {
            return;
        }
        repair(now, address, shown, object);
    }

    private static boolean isRight(@Nullable JsonNode object, JsonNode service, Address address) {
        return object != null
                && AddressObject.isOfService(object)
                && AddressObject.parent(object).equals(ServiceName.of(service))
                && AddressObject.hasLabels(object, address);
    }

    private void repair(ObjectNode service, Address address, String shown, @Nullable ObjectNode object)
            throws InterruptedException {
        ServiceName name = ServiceName.of(service);
        if (object == null) {
            complaints.say(service, NOT_ALLOCATED, ACTION, "Cluster IP " + shown + " is not allocated; repairing");
            create(address, name);
            return;
        }
        ServiceName parent = AddressObject.parent(object);
        if (AddressObject.isOfService(object) && !parent.equals(name)) {
            ObjectNode other = rest.read(services, parent.namespace(), parent.name());
            if (other != null && has(other, address)) {
                complaints.say(
                        service,
                        "ClusterIPAlreadyAllocated",
                        ACTION,
                        "Cluster IP [" + address.family() + "]:" + address
                                + " was assigned to multiple services; please recreate service");
                return;
            }
        }
        if (!AddressObject.isOfService(object) || !parent.equals(name)) {
            complaints.say(
                    service,
                    NOT_ALLOCATED,
                    ACTION,
                    "the ClusterIP " + shown + " for Service " + name + " has a wrong reference; repairing");
        }
        rest.delete(addresses, "", address.toString());
        create(address, name);
    }

    private void create(Address address, ServiceName service) throws InterruptedException {
        try {
            var _ = rest.create(addresses, AddressObject.of(address, service));
        } catch (ApiException e) {
            // Another server may repair the same.
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static boolean has(JsonNode service, Address address) {
        if (!hasAddresses(service)) {
            return false;
        }
        for (JsonNode text : service.path("spec").path("clusterIPs")) {
            if (address.equals(Address.parse(text.asText("")))) {
                return true;
            }
        }
        return false;
    }

    /** An address of a Service, from the address' side. */
    private void look(ObjectNode cached) throws InterruptedException {
        String text = ObjectMeta.name(cached);
        Address address = Address.parse(text);
        ServiceName parent = AddressObject.parent(cached);
        if (AddressObject.isOfService(cached) && address != null) {
            ObjectNode service = rest.recent("", "services", parent.namespace(), parent.name());
            if (service != null && has(service, address)) {
                return;
            }
        }
        ObjectNode object = rest.read(addresses, "", text);
        if (object == null || !AddressObject.isManaged(object)) {
            return;
        }
        parent = AddressObject.parent(object);
        if (!AddressObject.isOfService(object)) {
            remove(
                    object,
                    "IPAddressNotAllocated",
                    "IPAddress " + text + " appears to have been modified, not referencing a Service "
                            + object.path("spec").path("parentRef") + ": cleaning up");
            return;
        }
        ObjectNode service = rest.read(services, parent.namespace(), parent.name());
        if (service != null && address != null && has(service, address)) {
            return;
        }
        if (age(object).compareTo(GRACE) <= 0) {
            return;
        }
        if (service == null) {
            remove(
                    object,
                    "IPAddressNotAllocated",
                    "IPAddress: " + text + " for Service " + parent + " appears to have leaked: cleaning up");
        } else {
            remove(
                    object,
                    "IPAddressWrongReference",
                    "IPAddress: " + text + " for Service " + parent + " has a wrong reference; cleaning up");
        }
    }

    private Duration age(JsonNode object) {
        try {
            return Duration.between(Instant.parse(ObjectMeta.creationTimestamp(object)), clock.instant());
        } catch (DateTimeParseException e) {
            // Nobody knows: old enough.
            return GRACE.plusSeconds(1);
        }
    }

    private void remove(ObjectNode object, String reason, String message) throws InterruptedException {
        complaints.say(object, reason, ADDRESS_ACTION, message);
        rest.delete(addresses, "", ObjectMeta.name(object));
    }
}
