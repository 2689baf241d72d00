package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.security.SecureRandom;
import java.util.ArrayList;
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
    private final AllocationMetrics metrics;
    private final RandomGenerator random;

    ClusterAddresses(RestApi rest, ServiceRanges ranges, AllocationMetrics metrics) {
        this(rest, ranges, metrics, new SecureRandom());
    }

    /** @param random says where to begin looking */
    ClusterAddresses(RestApi rest, ServiceRanges ranges, AllocationMetrics metrics, RandomGenerator random) {
        this.rest = rest;
        this.resource = rest.resource("networking.k8s.io", "ipaddresses");
        this.ranges = ranges;
        this.metrics = metrics;
        this.random = random;
    }

    /** Takes a certain address. */
    void take(Address address, ServiceName service) throws CannotAllocateException, InterruptedException {
        AddressRange range = ranges.open(address.family()).stream()
                .filter(candidate -> candidate.contains(address))
                .findFirst()
                .orElse(null);
        if (range == null) {
            throw CannotAllocateException.addressElsewhere();
        }
        boolean got = create(address, service);
        metrics.address(range, AllocationMetrics.Wish.CHOSEN, got);
        if (!got) {
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
                    metrics.address(range, AllocationMetrics.Wish.ANY, true);
                    return candidate;
                }
            }
            metrics.address(range, AllocationMetrics.Wish.ANY, false);
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

    /** How many addresses of each range are taken. */
    List<AllocationMetrics.Room> rooms() throws InterruptedException {
        List<AddressRange> all = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            all.addAll(ranges.open(family));
        }
        long[] taken = new long[all.size()];
        Iterator<CacheEntry> entries = rest.cache(resource).snapshot().iterator("", "");
        while (entries.hasNext()) {
            Address address = Address.parse(entries.next().name());
            for (int i = 0; i < taken.length && address != null; i++) {
                taken[i] += all.get(i).contains(address) ? 1 : 0;
            }
        }
        List<AllocationMetrics.Room> rooms = new ArrayList<>();
        for (int i = 0; i < taken.length; i++) {
            AddressRange range = all.get(i);
            rooms.add(new AllocationMetrics.Room(
                    AllocationMetrics.range(range), taken[i], range.size().doubleValue()));
        }
        return rooms;
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
