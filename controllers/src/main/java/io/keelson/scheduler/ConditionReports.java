package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Patch;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes reports into the conditions of objects. A few virtual threads do it, for each object one report at a time; of
 * several on one object that wait only the last is written. So it holds two for each object at most.
 *
 * @param <K> what tells objects apart
 * @param <R> a report on one of them
 */
abstract class ConditionReports<K, R> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConditionReports.class);

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Workers workers;
    private final int writersMax;
    private final Map<K, R> waiting = new LinkedHashMap<>();
    private final Set<K> beingWritten = new HashSet<>();
    private int writers;
    private boolean closed;

    /** @param name of the threads */
    ConditionReports(KubernetesClient client, InstantSource clock, String name, int writersMax) {
        this.client = client;
        this.clock = clock;
        this.workers = new Workers(name);
        this.writersMax = writersMax;
    }

    /**
     * Writes a report.
     *
     * @return whether the object says so now; not if it is gone, or is another one meanwhile
     * @throws RuntimeException if it could not; the report is not tried again
     */
    abstract boolean write(R report);

    /** What a line of the log says is not told of a report: {@code pod a/b is not told why it waits}. */
    abstract String subject(R report);

    /**
     * A report has been written, or could not be. It is called while this is locked.
     *
     * @param well whether the object says so now and nobody has {@linkplain #forget forgotten} it meanwhile
     */
    void written(K key, R report, boolean well) {}

    /** Has a report written after all others that wait. */
    final synchronized void submit(K key, R report) {
        waiting.remove(key);
        if (closed) {
            return;
        }
        waiting.put(key, report);
        if (writers < writersMax) {
            writers++;
            workers.execute(this::write);
        }
    }

    /** The report on an object that waits; null if none does. */
    final synchronized @Nullable R waiting(K key) {
        return waiting.get(key);
    }

    /** Takes back the report on an object that waits. */
    final synchronized void withdraw(K key) {
        waiting.remove(key);
    }

    /**
     * Writes something else about an object, when no report on it is being written nor will be before this ends; reports that
     * wait are taken back.
     *
     * @return whether the object was not {@linkplain #forget forgotten} meanwhile
     */
    final boolean writeAlone(K key, Runnable writing) throws InterruptedException {
        synchronized (this) {
            takeBack(key);
            beingWritten.add(key);
        }
        boolean known;
        try {
            writing.run();
        } finally {
            synchronized (this) {
                known = beingWritten.remove(key);
                notifyAll();
            }
        }
        return known;
    }

    /**
     * Takes back the report on an object that waits, and waits for one that is being written. Not for the thread that owns
     * the state.
     */
    final synchronized void takeBack(K key) throws InterruptedException {
        waiting.remove(key);
        while (beingWritten.contains(key)) {
            wait();
        }
    }

    final synchronized boolean isBeingWritten(K key) {
        return beingWritten.contains(key);
    }

    /** Takes back the report on an object that waits, and takes one that is being written for one that failed. */
    synchronized void forget(K key) {
        waiting.remove(key);
        beingWritten.remove(key);
        notifyAll();
    }

    private void write() {
        for (Map.Entry<K, R> next = next(); next != null; next = next()) {
            boolean well = false;
            try {
                well = write(next.getValue());
            } catch (RuntimeException e) {
                // It is told when it is tried the next time.
                LOG.info("{}: {}", subject(next.getValue()), Refusals.message(e));
            } finally {
                done(next.getKey(), next.getValue(), well);
            }
        }
    }

    private synchronized Map.@Nullable Entry<K, R> next() {
        Iterator<Map.Entry<K, R>> reports = waiting.entrySet().iterator();
        while (reports.hasNext()) {
            Map.Entry<K, R> report = reports.next();
            if (beingWritten.add(report.getKey())) {
                Map.Entry<K, R> taken = Map.entry(report.getKey(), report.getValue());
                reports.remove();
                return taken;
            }
        }
        writers--;
        return null;
    }

    private synchronized void done(K key, R report, boolean well) {
        boolean wanted = beingWritten.remove(key);
        notifyAll();
        written(key, report, well && wanted);
    }

    /**
     * A condition as the status of an object holds it.
     *
     * @param since since when the object says this already; null if it does not
     */
    final Map<String, @Nullable Object> condition(
            HasMetadata object, String type, String status, String reason, String message, @Nullable String since) {
        Map<String, @Nullable Object> condition = new LinkedHashMap<>();
        condition.put("type", type);
        condition.put("status", status);
        condition.put("reason", reason);
        condition.put("message", message);
        condition.put(
                "lastTransitionTime",
                since != null
                        ? since
                        : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (object.getMetadata().getGeneration() != null) {
            condition.put("observedGeneration", object.getMetadata().getGeneration());
        }
        return condition;
    }

    /**
     * Merges fields into the status of an object.
     *
     * @param object as it was when it was reported on
     * @return whether that is done; not if the object is gone, or is another one of its name
     */
    final boolean merge(HasMetadata object, Map<String, Object> status) {
        Map<String, Object> change =
                Map.of("metadata", Map.of("uid", object.getMetadata().getUid()), "status", status);
        try {
            Patch.of(client, object).status().strategic(change);
            return true;
        } catch (KubernetesClientException e) {
            if (!Refusals.isOutdated(e)) {
                throw e;
            }
            return false;
        }
    }

    /** Ends; what waits is not written any more, and nothing is after it returns. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.clear();
        }
        workers.close();
    }
}
