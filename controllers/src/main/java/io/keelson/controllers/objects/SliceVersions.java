package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a loop has written of EndpointSlices, so that it knows whether its cache has seen it. A loop that computed from slices
 * which lack the ones it has just made would make them again.
 *
 * <p>Worked through: a Service needs a slice; the loop creates it and says that generation 1 of its uid is {@linkplain
 * #written written}. Before the cache has it, {@link #isStale} is true and the loop waits. Then the cache tells of it; that
 * is no {@linkplain #isNews news}. Somebody changes it: generation 2 is news. The loop deletes it and {@linkplain #deleting
 * says so}; as long as the cache shows it, the cache is stale.
 *
 * <p>What is not seen within five minutes is not waited for any longer. Safe for any thread; holds an entry for each slice.
 */
public final class SliceVersions {
    private static final Duration GIVEN_UP = Duration.ofMinutes(5);
    private static final long DELETED = Long.MAX_VALUE;

    private final Time time;
    private final Map<Key, Map<String, Written>> written = new HashMap<>();

    private record Written(long generation, Instant at) {}

    /** Nothing written yet. */
    public SliceVersions(Time time) {
        this.time = time;
    }

    /** A slice of a Service was created or updated: this is the API's answer. */
    public synchronized void written(Key service, EndpointSlice slice) {
        put(service, slice, generation(slice));
    }

    /** A slice of a Service is about to be deleted. */
    public synchronized void deleting(Key service, EndpointSlice slice) {
        put(service, slice, DELETED);
    }

    private void put(Key service, EndpointSlice slice, long generation) {
        written.computeIfAbsent(service, ignored -> new HashMap<>())
                .put(slice.getMetadata().getUid(), new Written(generation, time.steady()));
    }

    private static long generation(EndpointSlice slice) {
        Long generation = slice.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    /** Whether a cache shows less than what was written of a Service's slices. */
    public synchronized boolean isStale(Key service, Collection<EndpointSlice> seen) {
        Map<String, Written> known = written.get(service);
        if (known == null) {
            return false;
        }
        Instant oldest = time.steady().minus(GIVEN_UP);
        Set<String> uids = new HashSet<>();
        for (EndpointSlice slice : seen) {
            String uid = slice.getMetadata().getUid();
            uids.add(uid);
            Written last = known.get(uid);
            if (last != null
                    && last.generation() > generation(slice)
                    && slice.getMetadata().getDeletionTimestamp() == null
                    && last.at().isAfter(oldest)) {
                return true;
            }
        }
        known.entrySet()
                .removeIf(entry -> !uids.contains(entry.getKey())
                        && (entry.getValue().generation() == DELETED
                                || !entry.getValue().at().isAfter(oldest)));
        return !uids.containsAll(known.keySet());
    }

    /** Whether a slice that a cache tells of is other than what was written of it. */
    public synchronized boolean isNews(Key service, EndpointSlice slice) {
        Map<String, Written> known = written.get(service);
        Written last = known == null ? null : known.get(slice.getMetadata().getUid());
        return last == null || last.generation() < generation(slice);
    }

    /**
     * A slice is not a Service's any more, or is gone.
     *
     * @return whether that was not our doing
     */
    public synchronized boolean lost(Key service, EndpointSlice slice) {
        Map<String, Written> known = written.get(service);
        Written last = known == null ? null : known.remove(slice.getMetadata().getUid());
        return last == null || last.generation() != DELETED;
    }

    /** A Service is gone. */
    public synchronized void forget(Key service) {
        written.remove(service);
    }
}
