package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Controllers with all that they need: a client, caches, a clock. */
public final class RunningControllers implements LedProcess.Prepared {
    private final Time time = Time.system();
    private final KubernetesClient client;
    private final EventRecorder events;
    private final @Nullable AccountContexts accounts;
    private final Manager manager;

    /**
     * Makes the controllers; they do nothing yet.
     *
     * @param interceptors see each call to the API
     * @param ownAccounts whether each controller calls the API as an account of its own, and not as the process does
     */
    public RunningControllers(
            Config config,
            List<Interceptor> interceptors,
            List<ControllerDescriptor> controllers,
            boolean ownAccounts,
            ControllerMetrics metrics) {
        client = ApiClient.of(config, interceptors);
        events = new EventRecorder(client, time);
        Context shared = new Context(client, events, time);
        accounts = ownAccounts ? new AccountContexts(config, interceptors, shared) : null;
        manager = new Manager(
                controllers,
                accounts == null ? ignored -> shared : accounts::of,
                new Caches(client, Caches.Delivery.PLAIN),
                metrics);
    }

    @Override
    public void fill() throws InterruptedException {
        manager.fill();
    }

    @Override
    public void start() throws InterruptedException {
        manager.start();
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
