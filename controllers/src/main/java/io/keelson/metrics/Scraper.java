package io.keelson.metrics;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
 * Asks all kubelets in rounds, many at the same time, and hands what they say to the history. A round ends before the
 * next one is to begin; who has not answered by then is left out of it. That something is wrong with a node is logged
 * once, and once when it is over.
 *
 * <p>Between rounds those are asked of whom nothing can be told yet: a node that is new at once, one of which there is a
 * single sample after two seconds, one that did not answer after one second, and each of them again after twice the time,
 * until that is as long as a round. An example: at 0 s a node comes whose server is not there yet; it is asked again at
 * 1 s, answers at 3 s, and again at 5 s: from then on it is known what it uses.
 */
final class Scraper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);

    /** What the first rate is taken over: less says little, and more keeps users waiting. */
    private static final Duration FIRST_WINDOW = Duration.ofSeconds(2);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    private final Duration resolution;
    private final Time time;
    private final Supplier<Collection<Node>> nodes;
    private final KubeletSettings settings;
    private final Kubelets kubelets;
    private final UsageHistory history;
    private final ScrapeMetrics metrics;
    private final Repeating rounds;
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    /** Those that have been asked and are still there; of the thread of the rounds. */
    private final Map<String, Next> known = new HashMap<>();

    private volatile long begun;
    private volatile long ended;

    /**
     * When a node is to be asked between rounds.
     *
     * @param answered whether it did the last time
     * @param pause between the last time and the next; as long as a round if it is not asked in between
     * @param at by the clock that only goes forward, in nanoseconds
     */
    private record Next(boolean answered, Duration pause, long at) {}

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
        rounds = new Repeating("metrics", time, this::pause, this::look);
    }

    void start() {
        ended = time.nanoTime();
        begun = ended - resolution.toNanos();
        rounds.start();
    }

    /** A node has come that nobody has been asked about. Any thread. */
    void wake() {
        rounds.wake();
    }

    /** Whether a round has ended lately. */
    boolean isTimely() {
        return time.nanoTime() - ended < resolution.multipliedBy(2).toNanos();
    }

    private Duration pause() {
        long now = time.nanoTime();
        long left = begun + resolution.toNanos() - now;
        for (Next next : known.values()) {
            if (isEarly(next)) {
                left = Math.min(left, next.at() - now);
            }
        }
        return Duration.ofNanos(Math.max(0, left));
    }

    private boolean isEarly(Next next) {
        return next.pause().compareTo(resolution) < 0;
    }

    private void look() throws InterruptedException {
        long now = time.nanoTime();
        long untilRound = begun + resolution.toNanos() - now;
        Collection<Node> all = nodes.get();
        Set<String> there = new HashSet<>();
        all.forEach(node -> there.add(node.getMetadata().getName()));
        problems.keySet().retainAll(there);
        known.keySet().retainAll(there);
        if (untilRound > 0) {
            List<Node> due = new ArrayList<>();
            for (Node node : all) {
                Next next = known.get(node.getMetadata().getName());
                if (next == null || (isEarly(next) && next.at() - now <= 0)) {
                    due.add(node);
                }
            }
            if (!due.isEmpty()) {
                Map<String, KubeletSample> said = samples(due, untilRound);
                history.add(said);
                plan(due, said.keySet());
            }
            return;
        }
        begun = now;
        // A tenth of the time is left for those who read.
        Map<String, KubeletSample> said = samples(all, resolution.toNanos() / 10 * 9);
        history.store(said);
        plan(all, said.keySet());
        ended = time.nanoTime();
        metrics.round(ended - begun);
    }

    /** Notes when each of those that were asked is to be asked again. */
    private void plan(Collection<Node> asked, Set<String> answers) {
        long now = time.nanoTime();
        for (Node node : asked) {
            String name = node.getMetadata().getName();
            boolean answered = answers.contains(name);
            Next before = known.get(name);
            Duration wait;
            if (answered && !history.isSingle(name)) {
                wait = resolution;
            } else if (before == null || before.answered() != answered) {
                wait = answered ? FIRST_WINDOW : FIRST_RETRY;
            } else {
                wait = before.pause().multipliedBy(2);
            }
            Duration bounded = wait.compareTo(resolution) < 0 ? wait : resolution;
            known.put(name, new Next(answered, bounded, now + bounded.toNanos()));
        }
    }

    /** Asks nodes, and returns what they say that answer within some nanoseconds, by their names. */
    private Map<String, KubeletSample> samples(Collection<Node> whom, long limitNanos) throws InterruptedException {
        Map<String, Future<Optional<KubeletSample>>> asked = new HashMap<>();
        Semaphore places = new Semaphore(settings.atOnce());
        Map<String, KubeletSample> samples = new HashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                for (Node node : whom) {
                    String name = node.getMetadata().getName();
                    asked.put(name, threads.submit(() -> ask(name, node, places)));
                }
                threads.shutdown();
                boolean _ = threads.awaitTermination(limitNanos, TimeUnit.NANOSECONDS);
            } finally {
                threads.shutdownNow();
            }
        }
        asked.forEach((name, sample) -> {
            if (sample.state() == Future.State.SUCCESS) {
                sample.resultNow().ifPresent(said -> samples.put(name, said));
            }
        });
        return samples;
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
