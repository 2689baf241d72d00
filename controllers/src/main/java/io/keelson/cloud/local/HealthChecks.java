package io.keelson.cloud.local;

import io.keelson.controllers.runtime.AtOnce;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks nodes by {@code healthCheckNodePort} whether they have an endpoint of a Service, from time to time, as load
 * balancers of clouds do: a node that answers 200 has one. Its own thread does it, all nodes at once.
 */
final class HealthChecks implements AutoCloseable, Plan.Health {
    private static final int ANSWER_MILLIS_MAX = 1000;

    private final Duration period;
    private final Supplier<Plan> plan;
    private final Map<String, Boolean> answers = new ConcurrentHashMap<>();
    private final Thread thread;

    /**
     * Begins to ask.
     *
     * @param plan whose nodes, at which port
     */
    HealthChecks(Duration period, Supplier<Plan> plan) {
        this.period = period;
        this.plan = plan;
        thread = Thread.ofVirtual().name("health checks").start(this::run);
    }

    @Override
    public @Nullable Boolean of(String node) {
        return answers.get(node);
    }

    private void run() {
        try {
            while (true) {
                ask();
                Thread.sleep(period);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask() throws InterruptedException {
        Plan current = plan.get();
        List<Backend> backends = current.backends();
        answers.keySet().retainAll(backends.stream().map(Backend::name).collect(Collectors.toSet()));
        AtOnce.run(
                backends,
                16,
                backend -> answers.put(
                        backend.name(),
                        isWell(new InetSocketAddress(backend.address(false).toString(), current.healthPort()))));
    }

    private static boolean isWell(InetSocketAddress at) {
        try {
            URI uri = new URI("http", null, at.getHostString(), at.getPort(), "/healthz", null, null);
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(ANSWER_MILLIS_MAX);
            connection.setReadTimeout(ANSWER_MILLIS_MAX);
            connection.setInstanceFollowRedirects(false);
            try {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException | URISyntaxException e) {
            // Who does not answer is not well.
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
