package io.keelson.cloud.local;

import io.keelson.cloud.AddressRange;
import io.keelson.controllers.objects.IpAddress;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which Service holds which address of the pool. No address is held by two, and a Service holds one of each family at
 * most. Safe for any thread.
 */
final class AddressPool {
    private final List<AddressRange> ranges;
    private final Map<IpAddress, String> holders = new HashMap<>();
    private final Map<Holding, IpAddress> holdings = new HashMap<>();

    private record Holding(String uid, boolean isV6) {}

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

    /** What a Service holds of a family. */
    synchronized Optional<IpAddress> held(String uid, boolean isV6) {
        return Optional.ofNullable(holdings.get(new Holding(uid, isV6)));
    }

    /** Whether somebody holds an address. */
    synchronized boolean isTaken(IpAddress address) {
        return holders.containsKey(address);
    }

    /**
     * Takes a certain address for a Service, instead of the one that it held of that family.
     *
     * @return false if it is not of the pool, or another one holds it
     */
    synchronized boolean take(String uid, IpAddress address) {
        String holder = holders.get(address);
        if (!contains(address) || (holder != null && !holder.equals(uid))) {
            return false;
        }
        if (holder == null) {
            release(uid, address.isV6());
            holders.put(address, uid);
            holdings.put(new Holding(uid, address.isV6()), address);
        }
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

    /** A Service holds none of a family any more. */
    synchronized void release(String uid, boolean isV6) {
        IpAddress address = holdings.remove(new Holding(uid, isV6));
        if (address != null) {
            holders.remove(address);
        }
    }

    /** A Service holds nothing any more. */
    synchronized void release(String uid) {
        release(uid, false);
        release(uid, true);
    }

    /** What it consists of, as people wrote it. */
    @Override
    public String toString() {
        return String.join(", ", ranges.stream().map(AddressRange::toString).toList());
    }
}
