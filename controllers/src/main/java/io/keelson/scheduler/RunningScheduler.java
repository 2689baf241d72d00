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
public final class RunningScheduler implements LedProcess.Prepared {
    private final Time time = Time.system();
    private final KubernetesClient client;
    private final EventRecorder events;
    private final Caches caches;
    private final Scheduler scheduler;
    private final boolean delayed;
    private volatile boolean started;

    /**
     * Makes it; it does nothing yet.
     *
     * @param interceptors see each call to the API
     * @param delayed whether it reads nothing before it is started
     */
    public RunningScheduler(
            Config config,
            List<Interceptor> interceptors,
            SchedulerSettings settings,
            SchedulerMetrics metrics,
            boolean delayed) {
        this.delayed = delayed;
        client = ApiClient.of(config, interceptors);
        events = new EventRecorder(client, time);
        caches = new Caches(client, Caches.Delivery.PLAIN);
        scheduler = new Scheduler(new Context(client, events, time), caches, settings, metrics);
    }

    @Override
    public void fill() throws InterruptedException {
        if (!delayed) {
            caches.fill();
        }
    }

    @Override
    public void start() throws InterruptedException {
        caches.start();
        scheduler.start();
        started = true;
    }

    /** Whether it does what it is to: it schedules, or its process is not elected, has nothing to do, and does it well. */
    public boolean well() {
        return !started || scheduler.running();
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
