package io.keelson.controllers.objects;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is done to volumes by others, from when it was asked for until it is done. What begins has to end, or to be {@linkplain
 * #forget forgotten}: there are never more than objects that it is about. Any thread.
 *
 * @param <K> what tells operations apart
 * @param <L> what an operation is counted under
 */
public final class StorageOperations<K, L> {
    private static final double[] SECONDS = {.1, .25, .5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600};

    private final Map<K, Begun<L>> begun = new ConcurrentHashMap<>();
    private final Time time;
    private final BiConsumer<L, Duration> done;
    private final BiConsumer<L, Duration> failed;

    private record Begun<L>(L labels, Instant since) {}

    /**
     * Nothing has begun.
     *
     * @param done takes how long something took that went well
     * @param failed takes how long something had taken when it failed
     */
    public StorageOperations(Time time, BiConsumer<L, Duration> done, BiConsumer<L, Duration> failed) {
        this.time = time;
        this.done = done;
        this.failed = failed;
    }

    /** Times of operations on storage, with the original's bounds. */
    public static Histogram histogram(ControllerMetrics metrics, String name, String help, String... labels) {
        return metrics.histogram(name, help, SECONDS, labels);
    }

    /** Something is asked for; nothing changes if it was asked for before and is not done. */
    public void begin(K key, L labels) {
        begun.putIfAbsent(key, new Begun<>(labels, time.steady()));
    }

    /** It is done. Nothing happens if it did not begin here. */
    public void end(K key) {
        Begun<L> ended = begun.remove(key);
        tell(ended, done);
    }

    /** It failed, and goes on: it is tried again. Nothing happens if it did not begin here. */
    public void fail(K key) {
        tell(begun.get(key), failed);
    }

    private void tell(@Nullable Begun<L> operation, BiConsumer<L, Duration> told) {
        if (operation != null) {
            told.accept(operation.labels(), Duration.between(operation.since(), time.steady()));
        }
    }

    /** It is not wanted any more. */
    public void forget(K key) {
        begun.remove(key);
    }
}
