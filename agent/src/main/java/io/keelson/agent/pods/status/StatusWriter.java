package io.keelson.agent.pods.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings statuses of pods to the API. Who changes something says whose status may be another one; what it is then is
 * asked when its turn comes, so that many changes become one write and the last one wins. A status is never written by
 * two at once. A write that fails is tried again, after ten seconds at most, until it is no longer wanted.
 *
 * <p>Its queue holds each pod once, so no more than there are pods.
 */
public final class StatusWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
    private static final int WORKERS = 8;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);

    private final KubernetesClient client;
    private final Function<String, Optional<Wanted>> wanted;
    private final Consumer<Duration> synced;
    private final Time time;
    private final WorkQueue<String> queue;
    private final Map<String, Long> changedAt = new ConcurrentHashMap<>();
    private final Map<String, Duration> waits = new ConcurrentHashMap<>();
    private final Map<String, List<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();
    private final List<Thread> workers = new ArrayList<>();

    /**
     * A status that is to be in the API.
     *
     * @param object the one that is to have it, as it was seen last: the pod, or what stands for a static one
     * @param answered is given the object as the API has it then, or null if that is not known
     */
    public record Wanted(Pod object, PodStatus status, Consumer<@Nullable Pod> answered) {}

    /**
     * Writes until it is closed.
     *
     * @param wanted the status that a pod is to have now, by its uid; empty if it is to have none. Any thread, must be
     *     quick
     * @param synced is told of each status that was written how long after its change that was
     */
    public StatusWriter(
            KubernetesClient client, Time time, Function<String, Optional<Wanted>> wanted, Consumer<Duration> synced) {
        this.client = client;
        this.wanted = wanted;
        this.synced = synced;
        this.time = time;
        queue = new WorkQueue<>(time, QueueMetrics.NONE);
    }

    /** Begins to write. */
    public void start() {
        for (int i = 0; i < WORKERS; i++) {
            workers.add(Thread.ofVirtual().name("status-" + i).start(this::work));
        }
    }

    /** A pod's status may be another one. Returns at once. */
    public void changed(String uid) {
        noteChange(uid, time.nanoTime());
        queue.add(uid);
    }

    /** As {@link #changed}; is done when the API has the status that is wanted now, or a later one, or wants none. */
    public CompletableFuture<Void> written(String uid) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        await(uid, done);
        changed(uid);
        return done;
    }

    private void noteChange(String uid, long nanos) {
        var _ = changedAt.putIfAbsent(uid, nanos);
    }

    /** Remembers nothing of a pod any more. */
    public void forget(String uid) {
        waits.remove(uid);
        changedAt.remove(uid);
        Optional.ofNullable(waiting.remove(uid)).ifPresent(all -> all.forEach(done -> done.complete(null)));
    }

    private void work() {
        try {
            while (true) {
                @Nullable String uid = queue.take();
                if (uid == null) {
                    return;
                }
                try {
                    write(uid);
                } finally {
                    queue.done(uid);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    private void write(String uid) {
        List<CompletableFuture<Void>> asked =
                Optional.ofNullable(waiting.remove(uid)).orElse(List.of());
        Long since = changedAt.remove(uid);
        try {
            boolean isWritten = wanted.apply(uid).filter(this::write).isPresent();
            if (isWritten && since != null) {
                synced.accept(Duration.ofNanos(time.nanoTime() - since));
            }
            waits.remove(uid);
            asked.forEach(done -> done.complete(null));
        } catch (RuntimeException | Error e) {
            asked.forEach(done -> await(uid, done));
            if (since != null) {
                noteChange(uid, since);
            }
            Duration wait = waits.merge(uid, FIRST_WAIT, (before, first) -> before.multipliedBy(2));
            if (wait.compareTo(LONGEST_WAIT) > 0) {
                waits.put(uid, LONGEST_WAIT);
            }
            LOG.warn("the status of pod {} is not written, tried again: {}", uid, e.getMessage());
            LOG.debug("why", e);
            queue.addAfter(uid, wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
        }
    }

    private void await(String uid, CompletableFuture<Void> done) {
        waiting.compute(uid, (key, others) -> {
            List<CompletableFuture<Void>> all = others == null ? new ArrayList<>() : new ArrayList<>(others);
            all.add(done);
            return all;
        });
    }

    /** Returns whether there was something to write. */
    private boolean write(Wanted status) {
        Pod known = status.object();
        KubernetesSerialization json = client.getKubernetesSerialization();
        JsonNode before = known.getStatus() == null ? null : json.convertValue(known.getStatus(), JsonNode.class);
        JsonNode now = json.convertValue(status.status(), JsonNode.class);
        Optional<ObjectNode> patch = StatusPatch.of(known.getMetadata().getUid(), before, now);
        if (patch.isEmpty()) {
            return false;
        }
        try {
            status.answered().accept(PodApi.patchStatus(client, known, patch.get()));
        } catch (KubernetesClientException e) {
            status.answered().accept(null);
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                // If another one has its name by now, the watch will tell, and nothing is wanted any more.
                throw e;
            }
        }
        return true;
    }

    /** Ends; what is not written yet is not written. */
    @Override
    public void close() {
        queue.close();
        workers.forEach(Thread::interrupt);
    }
}
