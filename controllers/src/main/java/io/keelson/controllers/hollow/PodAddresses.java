package io.keelson.controllers.hollow;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The addresses of the pods on a node, out of a range of IPv4. The first one and the last one are nobody's. If a user's
 * range is too small for the pods that are there, pods have none. Safe for any thread.
 */
final class PodAddresses {
    private static final int BLOCK_MIN = 256;

    private final int first;
    private final int size;
    private final BitSet taken = new BitSet();
    private final Map<String, Integer> byPod = new HashMap<>();

    /** A range of so many addresses. */
    PodAddresses(int first, int size) {
        this.first = first;
        this.size = size;
        taken.set(0);
        taken.set(Math.max(0, size - 1));
    }

    /** How many addresses a node of so many pods needs. */
    static int blockSize(int pods) {
        int needed = Math.max(BLOCK_MIN, pods + 2);
        return Integer.highestOneBit(needed - 1) << 1;
    }

    /** The range of a node that was given none: its part of {@code 10.0.0.0/8}. */
    static PodAddresses own(int node, int pods) {
        int block = blockSize(pods);
        return new PodAddresses((10 << 24) + node * block, block);
    }

    /** The range of a node's {@code podCIDR}; its own if that is none of IPv4. */
    static PodAddresses of(String podCidr, int node, int pods) {
        int slash = podCidr.indexOf('/');
        try {
            if (slash > 0 && InetAddress.ofLiteral(podCidr.substring(0, slash)) instanceof Inet4Address address) {
                int prefix = Integer.parseInt(podCidr.substring(slash + 1));
                if (prefix >= 8 && prefix <= 32) {
                    return new PodAddresses(
                            ByteBuffer.wrap(address.getAddress()).getInt(), 1 << (32 - prefix));
                }
            }
        } catch (IllegalArgumentException e) {
            // No range that could be used: as if there were none.
            return own(node, pods);
        }
        return own(node, pods);
    }

    /** The address of a pod, always the same one until it is released; empty if there is none left. */
    synchronized String take(String pod) {
        Integer known = byPod.get(pod);
        if (known != null) {
            return text(known);
        }
        int index = taken.nextClearBit(0);
        if (index >= size) {
            return "";
        }
        taken.set(index);
        byPod.put(pod, index);
        return text(index);
    }

    /** Leaves a pod the address that it has, if it is one of these. */
    synchronized void keep(String pod, String address) {
        if (address.isEmpty() || byPod.containsKey(pod)) {
            return;
        }
        try {
            if (InetAddress.ofLiteral(address) instanceof Inet4Address known) {
                int index = ByteBuffer.wrap(known.getAddress()).getInt() - first;
                if (index > 0 && index < size && !taken.get(index)) {
                    taken.set(index);
                    byPod.put(pod, index);
                }
            }
        } catch (IllegalArgumentException e) {
            // Not an address: nothing to keep.
            return;
        }
    }

    /** Frees the address of a pod. */
    synchronized void release(String pod) {
        Integer index = byPod.remove(pod);
        if (index != null) {
            taken.clear(index);
        }
    }

    private String text(int index) {
        int address = first + index;
        return ((address >>> 24) & 0xff)
                + "."
                + ((address >>> 16) & 0xff)
                + '.'
                + ((address >>> 8) & 0xff)
                + '.'
                + (address & 0xff);
    }
}
