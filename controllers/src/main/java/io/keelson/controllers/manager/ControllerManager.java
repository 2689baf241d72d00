package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.leader.Fence;
import io.keelson.controllers.leader.LeaseElection;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.CallMetrics;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs controllers while its process leads. One thread calls {@link #run}, and that is the whole of it. */
public final class ControllerManager {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerManager.class);

    private final Config config;
    private final List<ControllerDescriptor> controllers;
    private final @Nullable ElectionTerms terms;
    private final String identity;
    private final List<Interceptor> interceptors;
    private final ControllerMetrics metrics;

    /**
     * Controllers of one process.
     *
     * @param terms of the election; null to lead without one
     * @param identity what no other process calls itself
     * @param interceptors see each call to the API
     */
    public ControllerManager(
            Config config,
            List<ControllerDescriptor> controllers,
            @Nullable ElectionTerms terms,
            String identity,
            List<Interceptor> interceptors,
            ControllerMetrics metrics) {
        this.config = config;
        this.controllers = List.copyOf(controllers);
        this.terms = terms;
        this.identity = identity;
        this.metrics = metrics;
        this.interceptors = new ArrayList<>(interceptors);
        this.interceptors.add(new CallMetrics(metrics.registry()));
    }

    /**
     * Waits to be elected, runs the controllers, and returns when this process does not lead any more.
     *
     * @param started is told when the controllers run
     * @throws InterruptedException if it is to end; the lease is released then
     */
    public void run(Runnable started) throws InterruptedException {
        if (terms == null) {
            try (Running _ = new Running(interceptors)) {
                started.run();
                Thread.sleep(Long.MAX_VALUE);
            }
        } else {
            campaign(terms, started);
        }
    }

    private void campaign(ElectionTerms agreed, Runnable started) throws InterruptedException {
        try (KubernetesClient own = ApiClient.of(config, agreed.renewDeadline().dividedBy(2), List.of())) {
            LeaseElection election = new LeaseElection(own, agreed, identity);
            election.acquire();
            List<Interceptor> fenced = new ArrayList<>(interceptors);
            fenced.add(new Fence(election::leads));
            try {
                hold(election, fenced, started);
            } finally {
                // All loops have ended by now: others need not wait.
                election.release();
            }
        }
    }

    /** The lease is renewed from the first moment on, the caches may take longer to fill than it lasts. */
    private void hold(LeaseElection election, List<Interceptor> fenced, Runnable started) throws InterruptedException {
        Thread leading = Thread.currentThread();
        Thread renewing = Thread.ofVirtual().name("lease").start(() -> {
            try {
                election.holdUntilLost();
                leading.interrupt();
            } catch (InterruptedException e) {
                // The process ends.
                Thread.currentThread().interrupt();
            }
        });
        try (Running _ = new Running(fenced)) {
            started.run();
            renewing.join();
        } catch (InterruptedException e) {
            if (election.leads()) {
                throw e;
            }
        } finally {
            renewing.interrupt();
        }
        LOG.error("leader election lost");
    }

    /** The controllers at work. */
    private final class Running implements AutoCloseable {
        private final Time time = Time.system();
        private final KubernetesClient client;
        private final EventRecorder events;
        private final Manager manager;

        private Running(List<Interceptor> seen) throws InterruptedException {
            client = ApiClient.of(config, seen);
            events = new EventRecorder(client, time);
            manager = new Manager(
                    controllers, new Context(client, events, time), new Caches(client, Caches.Delivery.PLAIN), metrics);
            boolean ready = false;
            try {
                manager.start();
                ready = true;
            } finally {
                if (!ready) {
                    close();
                }
            }
        }

        @Override
        public void close() {
            manager.close();
            events.close();
            time.close();
            client.close();
        }
    }
}
