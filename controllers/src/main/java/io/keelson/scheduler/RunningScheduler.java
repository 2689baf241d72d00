package io.keelson.scheduler;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Time;
import java.util.List;

/** A {@link Scheduler} with all that it needs: a client, caches, a clock. */
public final class RunningScheduler implements LedProcess.Started {
    private final Time time = Time.system();
    private final KubernetesClient client;
    private final EventRecorder events;
    private final Caches caches;
    private final Scheduler scheduler;

    /**
     * Fills the caches, and starts to schedule.
     *
     * @param interceptors see each call to the API
     */
    public RunningScheduler(
            Config config, List<Interceptor> interceptors, SchedulerSettings settings, SchedulerMetrics metrics)
            throws InterruptedException {
        client = ApiClient.of(config, interceptors);
        events = new EventRecorder(client, time);
        caches = new Caches(client, Caches.Delivery.PLAIN);
        scheduler = new Scheduler(new Context(client, events, time), caches, settings, metrics);
        boolean ready = false;
        try {
            caches.start();
            scheduler.start();
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    /** Whether it schedules. */
    public boolean running() {
        return scheduler.running();
    }

    @Override
    public void close() {
        scheduler.close();
        caches.close();
        events.close();
        time.close();
        client.close();
    }
}
