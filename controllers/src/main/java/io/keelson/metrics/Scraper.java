package io.keelson.metrics;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks all kubelets in rounds, many at the same time, and hands what they say to the history. A round ends before the next
 * one is to begin; who has not answered by then is left out of it. What is wrong with a node is logged once.
 */
final class Scraper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);

    private final Duration resolution;
    private final Time time;
    private final Supplier<Collection<Node>> nodes;
    private final KubeletSettings settings;
    private final Kubelets kubelets;
    private final UsageHistory history;
    private final ScrapeMetrics metrics;
    private final Repeating rounds;
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private volatile long begun;
    private volatile long ended;

    Scraper(
            Duration resolution,
            Time time,
            Supplier<Collection<Node>> nodes,
            KubeletSettings settings,
            Kubelets kubelets,
            UsageHistory history,
            ScrapeMetrics metrics) {
        this.resolution = resolution;
        this.time = time;
        this.nodes = nodes;
        this.settings = settings;
        this.kubelets = kubelets;
        this.history = history;
        this.metrics = metrics;
        rounds = new Repeating("metrics", time, this::pause, this::round);
    }

    void start() {
        begun = time.nanoTime();
        ended = begun;
        rounds.start();
    }

    /** Whether a round has ended lately. */
    boolean isTimely() {
        return time.nanoTime() - ended < resolution.multipliedBy(2).toNanos();
    }

    private Duration pause() {
        Duration left = resolution.minusNanos(time.nanoTime() - begun);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void round() throws InterruptedException {
        begun = time.nanoTime();
        Map<String, Future<Optional<KubeletSample>>> asked = new HashMap<>();
        Semaphore places = new Semaphore(settings.atOnce());
        Map<String, KubeletSample> samples = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                Set<String> there = new HashSet<>();
                for (Node node : nodes.get()) {
                    String name = node.getMetadata().getName();
                    there.add(name);
                    asked.put(name, threads.submit(() -> ask(name, node, places)));
                }
                problems.keySet().retainAll(there);
                threads.shutdown();
                // A tenth of the time is left for those who read.
                boolean _ = threads.awaitTermination(resolution.toNanos() / 10 * 9, TimeUnit.NANOSECONDS);
            } finally {
                threads.shutdownNow();
            }
        }
        asked.forEach((name, sample) -> {
            if (sample.state() == Future.State.SUCCESS) {
                sample.resultNow().ifPresent(said -> samples.put(name, said));
            }
        });
        history.store(samples);
        ended = time.nanoTime();
        metrics.round(ended - begun);
    }

    private Optional<KubeletSample> ask(String name, Node node, Semaphore places) throws InterruptedException {
        Optional<URI> address = settings.address().of(node);
        if (address.isEmpty()) {
            failed(name, "no address matched types " + settings.address().types());
            return Optional.empty();
        }
        places.acquire();
        long start = time.nanoTime();
        boolean success = false;
        try {
            KubeletSample sample = kubelets.ask(address.get());
            success = true;
            if (problems.remove(name) != null) {
                LOG.info("node {} tells again what is used on it", name);
            }
            return Optional.of(sample);
        } catch (IOException e) {
            failed(name, address.get() + ": " + e.getMessage());
            return Optional.empty();
        } finally {
            places.release();
            metrics.asked(time.nanoTime() - start, success, time.millis());
        }
    }

    private void failed(String node, String why) {
        if (problems.put(node, why) == null) {
            LOG.warn("Failed to scrape node {}: {}", node, why);
        } else {
            LOG.debug("Failed to scrape node {}: {}", node, why);
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
