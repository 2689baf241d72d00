package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.leader.LedProcess;
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

/** Runs controllers while its process leads. One thread calls {@link #run}, and that is the whole of it. */
public final class ControllerManager {
    private final Config config;
    private final List<ControllerDescriptor> controllers;
    private final ControllerMetrics metrics;
    private final boolean ownAccounts;
    private final LedProcess process;

    /**
     * Controllers of one process.
     *
     * @param ownAccounts whether each controller calls the API as an account of its own, and not as the process does
     * @param terms of the election; null to lead without one
     * @param identity what no other process calls itself
     * @param interceptors see each call to the API
     */
    public ControllerManager(
            Config config,
            List<ControllerDescriptor> controllers,
            boolean ownAccounts,
            @Nullable ElectionTerms terms,
            String identity,
            List<Interceptor> interceptors,
            ControllerMetrics metrics) {
        this.config = config;
        this.controllers = List.copyOf(controllers);
        this.ownAccounts = ownAccounts;
        this.metrics = metrics;
        List<Interceptor> counted = new ArrayList<>(interceptors);
        counted.add(new CallMetrics(metrics.registry()));
        process = new LedProcess(config, terms, identity, counted);
    }

    /**
     * Waits to be elected, runs the controllers, and returns when this process does not lead any more.
     *
     * @param started is told when the controllers run
     * @throws InterruptedException if it is to end; the lease is released then
     */
    public void run(Runnable started) throws InterruptedException {
        process.run(Running::new, started);
    }

    /** The controllers at work. */
    private final class Running implements LedProcess.Started {
        private final Time time = Time.system();
        private final KubernetesClient client;
        private final EventRecorder events;
        private final @Nullable AccountContexts accounts;
        private final Manager manager;

        private Running(List<Interceptor> seen) throws InterruptedException {
            client = ApiClient.of(config, seen);
            events = new EventRecorder(client, time);
            Context shared = new Context(client, events, time);
            accounts = ownAccounts ? new AccountContexts(config, seen, shared) : null;
            manager = new Manager(
                    controllers,
                    accounts == null ? ignored -> shared : accounts::of,
                    new Caches(client, Caches.Delivery.PLAIN),
                    metrics);
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
            if (accounts != null) {
                accounts.close();
            }
            events.close();
            time.close();
            client.close();
        }
    }
}
