package io.keelson.scheduler;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Patch;
import io.keelson.scheduler.state.PodInfo;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes pods so that a more important one has room, on virtual threads, a few at once. Those that wait are nominated pods. */
final class Evictor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);
    private static final int AT_ONCE_MAX = 32;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final SchedulerMetrics metrics;
    private final Semaphore room = new Semaphore(AT_ONCE_MAX);
    private final Workers workers = new Workers("eviction");

    Evictor(KubernetesClient client, InstantSource clock, SchedulerMetrics metrics) {
        this.client = client;
        this.clock = clock;
        this.metrics = metrics;
    }

    /**
     * Deletes pods; those that somebody has asked to delete already are left to that.
     *
     * @param by the profile of the pod for which there is to be room
     * @param failed is told if one of them could not be asked to go
     */
    void evict(RunningProfile by, PodInfo preemptor, String node, List<PodInfo> victims, Runnable failed) {
        workers.execute(() -> {
            try {
                room.acquire();
            } catch (InterruptedException e) {
                // The scheduler ends: the next one makes room anew.
                Thread.currentThread().interrupt();
                return;
            }
            long begin = System.nanoTime();
            boolean well = false;
            try {
                victims.stream()
                        .filter(victim -> !Pods.isTerminating(victim.pod()))
                        .forEach(victim -> evict(by, preemptor, node, victim));
                well = true;
            } catch (RuntimeException e) {
                LOG.info("no room is made for pod {}: {}", preemptor.key(), Refusals.message(e));
                failed.run();
            } finally {
                metrics.evicted(well, System.nanoTime() - begin);
                room.release();
            }
        });
    }

    private void evict(RunningProfile by, PodInfo preemptor, String node, PodInfo victim) {
        try {
            Patch.of(client, victim.pod()).status().strategic(disrupted(by, victim));
        } catch (KubernetesClientException e) {
            if (!Refusals.isOutdated(e)) {
                throw e;
            }
            // It is gone, or others write it all the time: whether it is there is seen when it is deleted.
        }
        if (Deletion.of(client, victim.pod())) {
            by.events().normal(victim.pod(), "Preempted", "Preempted by pod " + preemptor.uid() + " on node " + node);
        }
    }

    private Map<String, Object> disrupted(RunningProfile by, PodInfo victim) {
        Map<String, String> condition = Map.of(
                "type", "DisruptionTarget",
                "status", "True",
                "reason", "PreemptionByScheduler",
                "message", by.name() + ": preempting to accommodate a higher priority pod",
                "lastTransitionTime",
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        return Map.of("metadata", Map.of("uid", victim.uid()), "status", Map.of("conditions", List.of(condition)));
    }

    /** Ends; nobody is deleted after it returns. */
    @Override
    public void close() {
        workers.close();
    }
}
