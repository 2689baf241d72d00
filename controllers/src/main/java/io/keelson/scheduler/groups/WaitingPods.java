package io.keelson.scheduler.groups;

import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pods that have nodes and wait for others of their groups, each with an end to its wait. As many as a cluster can have pods,
 * and more, may; whoever comes then is not taken.
 *
 * @param <W> what is known of a pod that waits
 */
public final class WaitingPods<W> {
    private static final int MAX = 200_000;

    private final Map<String, Entry<W>> byUid = new HashMap<>();
    private final Map<Key, Map<String, Entry<W>>> byGroup = new HashMap<>();
    private final TreeSet<Entry<W>> byEnd =
            new TreeSet<>(Comparator.comparing((Entry<W> each) -> each.end).thenComparingLong(each -> each.number));
    private final int max;
    private long number;

    private record Entry<W>(String uid, Key group, Instant end, long number, W waiter) {}

    /** Nobody waits. */
    public WaitingPods() {
        this(MAX);
    }

    /** The same, with another bound. */
    WaitingPods(int max) {
        this.max = max;
    }

    /**
     * A pod waits from now on.
     *
     * @param end when it has waited long enough
     * @return false if it cannot, as too many wait
     */
    public boolean add(String uid, Key group, Instant end, W waiter) {
        if (byUid.size() >= max) {
            return false;
        }
        remove(uid);
        Entry<W> entry = new Entry<>(uid, group, end, number++, waiter);
        byUid.put(uid, entry);
        byGroup.computeIfAbsent(group, ignored -> new LinkedHashMap<>()).put(uid, entry);
        byEnd.add(entry);
        return true;
    }

    /** A pod waits no more. What was known of it; null if it did not wait. */
    public @Nullable W remove(String uid) {
        Entry<W> gone = byUid.remove(uid);
        if (gone == null) {
            return null;
        }
        byEnd.remove(gone);
        byGroup.computeIfPresent(gone.group(), (ignored, others) -> {
            others.remove(uid);
            return others.isEmpty() ? null : others;
        });
        return gone.waiter();
    }

    /** All of a group wait no more. What was known of them, in the order in which they came. */
    public List<W> removeAll(Key group) {
        Map<String, Entry<W>> gone = byGroup.remove(group);
        if (gone == null) {
            return List.of();
        }
        gone.values().forEach(entry -> {
            byUid.remove(entry.uid());
            byEnd.remove(entry);
        });
        return gone.values().stream().map(Entry::waiter).toList();
    }

    /** Whether a pod waits. */
    public boolean contains(String uid) {
        return byUid.containsKey(uid);
    }

    /** Whether somebody of a group waits. */
    public boolean anyOf(Key group) {
        return byGroup.containsKey(group);
    }

    /** A group of which somebody has waited long enough; null if there is none. */
    public @Nullable Key due(Instant now) {
        return byEnd.isEmpty() || byEnd.first().end().isAfter(now)
                ? null
                : byEnd.first().group();
    }

    /** When somebody will have waited long enough; null if nobody waits. */
    public @Nullable Instant nextEnd() {
        return byEnd.isEmpty() ? null : byEnd.first().end();
    }

    /** How many wait. */
    public int size() {
        return byUid.size();
    }
}
