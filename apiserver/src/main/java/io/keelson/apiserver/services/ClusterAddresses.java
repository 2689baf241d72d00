package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives out addresses: whoever creates the IPAddress object has the address. Several servers do so at the same time; the
 * cache only saves attempts at what is known to be taken. Any thread.
 */
final class ClusterAddresses {
    private static final Logger log = LoggerFactory.getLogger(ClusterAddresses.class);

    private final RestApi rest;
    private final Resource resource;
    private final ServiceRanges ranges;
    private final RandomGenerator random;

    ClusterAddresses(RestApi rest, ServiceRanges ranges) {
        this(rest, ranges, new SecureRandom());
    }

    /** @param random says where to begin looking */
    ClusterAddresses(RestApi rest, ServiceRanges ranges, RandomGenerator random) {
        this.rest = rest;
        this.resource = rest.resource("networking.k8s.io", "ipaddresses");
        this.ranges = ranges;
        this.random = random;
    }

    /** Takes a certain address. */
    void take(Address address, ServiceName service) throws CannotAllocateException, InterruptedException {
        if (ranges.open(address.family()).stream().noneMatch(range -> range.contains(address))) {
            throw CannotAllocateException.addressElsewhere();
        }
        if (!create(address, service)) {
            throw CannotAllocateException.addressTaken();
        }
    }

    /** Takes any address. */
    Address takeAny(IpFamily family, ServiceName service) throws CannotAllocateException, InterruptedException {
        for (AddressRange range : ranges.open(family)) {
            Iterator<Address> candidates = range.candidates(random);
            while (candidates.hasNext()) {
                Address candidate = candidates.next();
                boolean known = rest.recent("networking.k8s.io", "ipaddresses", "", candidate.toString()) != null;
                if (!known && create(candidate, service)) {
                    return candidate;
                }
            }
        }
        throw CannotAllocateException.full();
    }

    private boolean create(Address address, ServiceName service) throws InterruptedException {
        try {
            var _ = rest.create(resource, AddressObject.of(address, service));
            return true;
        } catch (ApiException e) {
            if (e.reason() == Reason.ALREADY_EXISTS) {
                return false;
            }
            throw e;
        }
    }

    /** Says whether a certain address could be had, without taking it, and without looking whether it is taken. */
    void tryToTake(Address address) throws CannotAllocateException, InterruptedException {
        List<AddressRange> open = ranges.open(address.family());
        if (open.isEmpty()) {
            throw CannotAllocateException.notReady();
        }
        if (open.stream().noneMatch(range -> range.contains(address))) {
            throw CannotAllocateException.addressOutside(address);
        }
    }

    /** What stands in place of an address where none is taken: the one that is never given out. */
    Address placeholder(IpFamily family) throws CannotAllocateException, InterruptedException {
        List<AddressRange> open = ranges.open(family);
        if (open.isEmpty()) {
            throw CannotAllocateException.notReady();
        }
        return open.getFirst().network();
    }

    /** Gives an address back, if this Service has it. What goes wrong is left to repair. */
    void giveBack(Address address, ServiceName service) throws InterruptedException {
        try {
            ObjectNode object = rest.read(resource, "", address.toString());
            if (object != null
                    && AddressObject.isOfService(object)
                    && AddressObject.parent(object).equals(service)) {
                rest.delete(resource, "", address.toString());
            }
        } catch (ApiException e) {
            log.warn("the address {} of Service {} could not be given back: {}", address, service, e.message());
        }
    }
}
