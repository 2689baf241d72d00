package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.runtime.Key;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long each Job has to wait. It is held here alone: another process that takes over lets a pod be made at once and
 * counts from there.
 *
 * <p>Safe for any thread. Holds no more than there are Jobs whose last pods failed.
 */
final class Backoffs {
    private final Map<Key, Remembered> remembered = new ConcurrentHashMap<>();

    private record Remembered(String uid, Backoff backoff) {}

    /** What is remembered of this very Job. */
    Backoff of(Job job) {
        Remembered known = remembered.get(Key.of(job));
        return known == null || !known.uid().equals(job.getMetadata().getUid()) ? Backoff.NONE : known.backoff();
    }

    void remember(Job job, Backoff backoff) {
        if (backoff.equals(Backoff.NONE)) {
            remembered.remove(Key.of(job));
        } else {
            remembered.put(Key.of(job), new Remembered(job.getMetadata().getUid(), backoff));
        }
    }

    void forget(Key job) {
        remembered.remove(job);
    }
}
