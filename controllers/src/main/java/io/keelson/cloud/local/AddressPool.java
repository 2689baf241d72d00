package io.keelson.cloud.local;

import io.keelson.cloud.AddressRange;
import io.keelson.controllers.objects.IpAddress;
import java.math.BigInteger;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which Service holds which addresses of the pool. No address is held by two. A Service that moves to another address
 * holds both for a while: it gives up an address when it says so, not when it gets another one. Safe for any thread.
 */
final class AddressPool {
    private final List<AddressRange> ranges;
    private final Map<IpAddress, String> holders = new HashMap<>();
    /** What each Service holds, what it took last at the end. */
    private final Map<String, LinkedHashSet<IpAddress>> holdings = new HashMap<>();

    /** A pool of which nothing is taken. */
    AddressPool(List<AddressRange> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    boolean contains(IpAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** Whether it has addresses of a family at all. */
    boolean has(boolean isV6) {
        return ranges.stream().anyMatch(range -> range.isV6() == isV6);
    }

    /** What a Service holds of a family; of several what it took last. */
    synchronized Optional<IpAddress> held(String uid, boolean isV6) {
        return held(uid).stream().filter(address -> address.isV6() == isV6).reduce((earlier, later) -> later);
    }

    /** All that a Service holds. */
    synchronized Set<IpAddress> held(String uid) {
        return new LinkedHashSet<>(holdings.getOrDefault(uid, new LinkedHashSet<>()));
    }

    /** Whether somebody holds an address. */
    synchronized boolean isTaken(IpAddress address) {
        return holders.containsKey(address);
    }

    /**
     * Takes a certain address for a Service, beside those that it holds.
     *
     * @return false if it is not of the pool, or another one holds it
     */
    synchronized boolean take(String uid, IpAddress address) {
        String holder = holders.get(address);
        if (!contains(address) || (holder != null && !holder.equals(uid))) {
            return false;
        }
        holders.put(address, uid);
        LinkedHashSet<IpAddress> held = holdings.computeIfAbsent(uid, ignored -> new LinkedHashSet<>());
        held.remove(address);
        held.add(address);
        return true;
    }

    /**
     * The address that a Service holds of a family, or the lowest that is free, which it holds from now on.
     *
     * @return empty if none is free
     */
    synchronized Optional<IpAddress> take(String uid, boolean isV6) {
        Optional<IpAddress> held = held(uid, isV6);
        if (held.isPresent()) {
            return held;
        }
        for (AddressRange range : ranges) {
            if (range.isV6() != isV6) {
                continue;
            }
            // One more than are taken has a free one among them.
            BigInteger end =
                    range.first().add(BigInteger.valueOf(holders.size())).min(range.last());
            for (BigInteger next = range.first(); next.compareTo(end) <= 0; next = next.add(BigInteger.ONE)) {
                IpAddress address = AddressRange.address(next, isV6);
                if (!holders.containsKey(address) && take(uid, address)) {
                    return Optional.of(address);
                }
            }
        }
        return Optional.empty();
    }

    /** Of what a Service holds it keeps these, and no others. */
    synchronized void keep(String uid, Collection<IpAddress> kept) {
        for (IpAddress address : held(uid)) {
            if (!kept.contains(address)) {
                holders.remove(address);
                holdings.getOrDefault(uid, new LinkedHashSet<>()).remove(address);
            }
        }
        holdings.computeIfPresent(uid, (ignored, left) -> left.isEmpty() ? null : left);
    }

    /** A Service holds nothing any more. */
    void release(String uid) {
        keep(uid, List.of());
    }

    /** What it consists of, as people wrote it. */
    @Override
    public String toString() {
        return String.join(", ", ranges.stream().map(AddressRange::toString).toList());
    }
}
