package io.keelson.controllers.churn;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.controllers.hollow.HollowCluster;
import io.keelson.controllers.hollow.HollowSettings;
import io.keelson.controllers.hollow.PodRules;
import io.keelson.controllers.manager.AllControllers;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.scheduler.Scheduler;
import io.keelson.scheduler.SchedulerMetrics;
import io.keelson.scheduler.SchedulerSettings;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A cluster that lives by a clock of its own: between two moments of it everything has time to do what is to be done. */
final class SimulatedCluster implements AutoCloseable {
    private static final Duration REST_PATIENCE = Duration.ofSeconds(60);
    private static final int REMEMBERED = 40;
    private static final String RULES = """
        rules:
        - match: {images: ["work:*"]}
          exit: {after: 20s}
        - match: {images: ["flaky:*"]}
          exit: {after: 10s, code: 1}
        - runningAfter: 2s
          readyAfter: 3s
          stopAfter: 2s
        """;
    private static final Map<String, String> CAPACITY = Map.of("cpu", "16", "memory", "64Gi", "pods", "110");

    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.HOURS));
    private final KeelsonServer server;
    private final Config config;
    private final KubernetesClient client;
    /** On the monotonic clock, in nanoseconds. */
    private final AtomicLong lastWrite = new AtomicLong(System.nanoTime());

    private final AtomicLong writes = new AtomicLong();
    /** What was written last, each before and after. */
    private final Queue<String> lastWrites = new ConcurrentLinkedQueue<>();

    private final Map<String, HollowCluster> machines = new TreeMap<>();
    private Control control;

    /** Notes when somebody wrote. */
    private final class Writes implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            note(request);
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            note(request);
        }

        private void note(HttpRequest request) {
            if (!request.method().equals("GET")) {
                lastWrite.set(System.nanoTime());
                writes.incrementAndGet();
                lastWrites.add(request.method() + ' ' + request.uri().getPath());
                if (lastWrites.size() > REMEMBERED) {
                    String _ = lastWrites.poll();
                }
            }
        }
    }

    /** One life of the controllers and the scheduler. */
    private final class Control implements AutoCloseable {
        private final KubernetesClient own = ApiClient.of(config, List.of(new Writes()));
        private final EventRecorder events = new EventRecorder(own, time);
        private final Context context = new Context(own, events, time);
        private final Manager manager;
        private final Caches schedulerCaches = new Caches(own, Caches.Delivery.PLAIN);
        private final Scheduler scheduler = new Scheduler(
                context, schedulerCaches, SchedulerSettings.DEFAULT, new SchedulerMetrics(new PrometheusRegistry()));

        private Control() throws IOException, InterruptedException {
            manager = new Manager(
                    AllControllers.of("--allocate-node-cidrs", "--cluster-cidr=10.128.0.0/12"),
                    context,
                    new Caches(own, Caches.Delivery.PLAIN),
                    new ControllerMetrics());
            manager.start();
            schedulerCaches.start();
            scheduler.start();
        }

        @Override
        public void close() {
            scheduler.close();
            schedulerCaches.close();
            manager.close();
            events.close();
            own.close();
        }
    }

    SimulatedCluster() throws IOException, InterruptedException {
        server = KeelsonServer.start(KeelsonConfig.ephemeral().withClock(time));
        config = Config.fromKubeconfig(server.kubeconfig().text());
        client = ApiClient.of(config, List.of(new Writes()));
        control = new Control();
    }

    /** Looks at the cluster, and changes it, as a user does. */
    KubernetesClient client() {
        return client;
    }

    Instant now() {
        return time.instant();
    }

    /** How many writes there were so far, each counted before and after. */
    long writes() {
        return writes.get();
    }

    /** Controllers and scheduler end in the middle of what they do, and others begin that know nothing of them. */
    void restartControl() throws IOException, InterruptedException {
        control.close();
        control = new Control();
    }

    /** The machines that run. */
    Set<String> machines() {
        return Set.copyOf(machines.keySet());
    }

    /** A machine is switched on. */
    void switchOn(String machine) throws InterruptedException {
        HollowSettings settings =
                new HollowSettings(1, machine, CAPACITY, 0, 0, PodRules.parse(RULES, machine.hashCode()));
        HollowCluster started = new HollowCluster(settings, client, time);
        machines.put(machine, started);
        started.start();
    }

    /** A machine falls silent. */
    void switchOff(String machine) {
        HollowCluster running = machines.remove(machine);
        if (running != null) {
            running.close();
        }
    }

    /** The node of a machine. */
    static String node(String machine) {
        return machine + "-0";
    }

    /** Lets time pass, and everything happen that it brings. */
    void pass(Duration length) throws InterruptedException {
        time.advance(length);
        rest(Duration.ofMillis(6));
    }

    /** Waits until nothing happens any more without time that passes. */
    void rest(Duration quiet) throws InterruptedException {
        long begin = System.nanoTime();
        long since = begin;
        while (System.nanoTime() - Math.max(since, lastWrite.get()) < quiet.toNanos()) {
            Thread.sleep(1);
            if (!isResting()) {
                since = System.nanoTime();
                if (since - begin > REST_PATIENCE.toNanos()) {
                    throw new AssertionError("it does not come to rest: the controllers "
                            + (control.manager.resting() ? "rest" : "work") + ", machines that work: "
                            + machines.entrySet().stream()
                                    .filter(machine -> !machine.getValue().resting())
                                    .map(Map.Entry::getKey)
                                    .toList()
                            + ", writes:\n" + String.join("\n", lastWrites));
                }
            }
        }
    }

    private boolean isResting() {
        return control.manager.resting() && machines.values().stream().allMatch(HollowCluster::resting);
    }

    @Override
    public void close() {
        control.close();
        machines.values().forEach(HollowCluster::close);
        client.close();
        server.close();
        time.close();
    }
}
