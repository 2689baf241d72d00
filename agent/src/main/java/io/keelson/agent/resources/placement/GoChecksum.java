package io.keelson.agent.resources.placement;

import java.nio.charset.StandardCharsets;

/** How the kubelet sees whether a checkpoint is damaged: FNV-1a of how Go shows the object of which that is the file. */
final class GoChecksum {
    private static final int BASIS = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    private GoChecksum() {}

    /** The sum of an object as {@code %#v} shows it. */
    static long of(String shown) {
        int hash = BASIS;
        for (byte next : shown.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (next & 0xff)) * PRIME;
        }
        return Integer.toUnsignedLong(hash);
    }
}
