package io.keelson.controllers.nodelifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a zone that are to be given up, in the order in which they were lost, at a rate. A node that was given out is
 * remembered, and not given out again until it was {@linkplain #remove removed}: until it was well in between.
 *
 * <p>Not safe for several threads.
 */
final class EvictionQueue {
    /** A rate as small as this is none: its next turn would come after centuries. */
    private static final double RATE_MIN = 1e-9;

    private final LinkedHashSet<String> waiting = new LinkedHashSet<>();
    private final Set<String> given = new HashSet<>();
    private double rate;
    private Instant next = Instant.MIN;

    /** Nobody waits, and the first one does not have to wait. */
    EvictionQueue(double ratePerSecond) {
        rate = ratePerSecond;
    }

    /**
     * Puts a node in.
     *
     * @param again whether to give it out once more if it was before: what was to be done about it did not last
     */
    void add(String node, boolean again) {
        if (again) {
            given.remove(node);
        }
        if (!given.contains(node)) {
            waiting.add(node);
        }
    }

    /** Takes a node out and forgets it. */
    void remove(String node) {
        waiting.remove(node);
        given.remove(node);
    }

    /** Goes on at another rate; one who would have had to wait at the old rate waits the time of the new one. */
    void rate(double ratePerSecond, Instant now) {
        rate = ratePerSecond;
        if (next.isAfter(now) && isOpen()) {
            next = now.plus(between());
        }
    }

    private boolean isOpen() {
        return rate > RATE_MIN;
    }

    private Duration between() {
        return Duration.ofNanos(Math.round(1e9 / rate));
    }

    /** The next node, if it is time for one. */
    @Nullable
    String poll(Instant now) {
        if (waiting.isEmpty() || !isOpen() || next.isAfter(now)) {
            return null;
        }
        next = now.plus(between());
        String node = waiting.removeFirst();
        given.add(node);
        return node;
    }

    /** Puts a node back that was given out in vain, behind the others. */
    void giveBack(String node) {
        if (given.remove(node)) {
            waiting.add(node);
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty() && given.isEmpty();
    }
}
