package io.keelson.controllers.testing;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Runs controllers whose process dies again and again: before or after one of their writes, as a seed decides. Each life
 * knows only what the API holds. What its caches tell is told late and sometimes twice.
 */
public final class Crashes {
    private static final int EVENT_PATIENCE_MS = 15;

    private final TestCluster cluster;
    private final Random random;
    private final ControllerDescriptor[] controllers;

    /** Lives that are decided by a seed. */
    public Crashes(TestCluster cluster, long seed, ControllerDescriptor... controllers) {
        this.cluster = cluster;
        this.random = new Random(seed);
        this.controllers = controllers;
    }

    /**
     * Lets controllers live and die until what they are to reach is so, and one more life finds nothing left to do.
     *
     * @param writesPerLife how many writes a life has at most before the one at which it dies
     * @return how many lives ended by dying
     */
    public int until(String what, int writesPerLife, BooleanSupplier reached) throws InterruptedException {
        int deaths = 0;
        for (int life = 0; life < 1000; life++) {
            Life current = new Life(random.nextInt(writesPerLife + 1), random.nextBoolean(), random.nextLong());
            try {
                current.start();
                TestCluster.await(
                        what + ", in life " + life,
                        () -> current.dead() || (reached.getAsBoolean() && current.manager.idle()));
            } finally {
                current.close();
            }
            if (current.dead()) {
                deaths++;
            } else if (reached.getAsBoolean()) {
                return deaths;
            }
        }
        throw new AssertionError("not within 1,000 lives: " + what);
    }

    /** One process, from its start to its death. */
    private final class Life implements Interceptor {
        private final AtomicInteger writesLeft;
        private final boolean diesAfter;
        private volatile boolean dead;
        private final KubernetesClient client;
        private final Time time = Time.system();
        private final EventRecorder events;
        private final Manager manager;

        private Life(int writes, boolean diesAfter, long seed) {
            this.writesLeft = new AtomicInteger(writes);
            this.diesAfter = diesAfter;
            client = ApiClient.of(cluster.client().getConfiguration(), List.of(cluster.noting(), this));
            events = new EventRecorder(client, time);
            manager = new Manager(
                    List.of(controllers),
                    new Context(client, events, time),
                    new Caches(client, new Late(seed)),
                    new ControllerMetrics());
        }

        private void start() throws InterruptedException {
            manager.start();
        }

        private boolean dead() {
            return dead;
        }

        private static boolean counts(HttpRequest request) {
            // Events are written beside the work, and nobody waits for them.
            return !request.method().equals("GET") && !request.uri().getPath().contains("/events");
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (!request.method().equals("GET")) {
                dieIfDead();
            }
            if (counts(request) && writesLeft.decrementAndGet() < 0 && !diesAfter) {
                dead = true;
                dieIfDead();
            }
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (counts(request) && writesLeft.get() < 0) {
                dead = true;
                dieIfDead();
            }
        }

        private void dieIfDead() {
            if (dead) {
                throw new KubernetesClientException("this process is dead");
            }
        }

        private void close() {
            manager.close();
            events.close();
            time.close();
            client.close();
        }
    }

    /** Tells changes late, and sometimes twice. */
    private static final class Late implements Caches.Delivery {
        private final Random random;

        private Late(long seed) {
            random = new Random(seed);
        }

        @Override
        public void deliver(Runnable change) {
            int delayMs;
            boolean twice;
            synchronized (random) {
                delayMs = random.nextInt(4) == 0 ? random.nextInt(EVENT_PATIENCE_MS) : 0;
                twice = random.nextInt(5) == 0;
            }
            if (delayMs > 0) {
                try {
                    Thread.sleep(delayMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            change.run();
            if (twice) {
                change.run();
            }
        }
    }
}
