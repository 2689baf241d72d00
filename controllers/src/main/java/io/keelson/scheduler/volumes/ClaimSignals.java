package io.keelson.scheduler.volumes;

import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Wakes those who wait for a change of a claim. Any thread; nobody waits to wake another. */
final class ClaimSignals {
    private final Map<Key, Set<Semaphore>> waiting = new ConcurrentHashMap<>();

    /** From now on, each change of one of these claims gives a permit, of which one at most is kept. */
    void listen(Collection<Key> claims, Semaphore signal) {
        for (Key claim : claims) {
            waiting.compute(claim, (key, signals) -> {
                Set<Semaphore> more = signals == null ? new HashSet<>() : new HashSet<>(signals);
                more.add(signal);
                return more;
            });
        }
    }

    /** Not any more. */
    void leave(Collection<Key> claims, Semaphore signal) {
        for (Key claim : claims) {
            waiting.computeIfPresent(claim, (key, signals) -> {
                Set<Semaphore> fewer = new HashSet<>(signals);
                fewer.remove(signal);
                return fewer.isEmpty() ? null : fewer;
            });
        }
    }

    /** A claim has changed. */
    void changed(Key claim) {
        Set<Semaphore> signals = waiting.get(claim);
        if (signals != null) {
            for (Semaphore signal : signals) {
                if (signal.availablePermits() == 0) {
                    signal.release();
                }
            }
        }
    }
}
