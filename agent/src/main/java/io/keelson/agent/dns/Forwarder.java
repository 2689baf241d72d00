package io.keelson.agent.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks other servers. A question that is being asked already is not asked twice; each that is asked has a virtual thread of its
 * own, of which there is a bounded number. Who does not answer is followed by the next, until all had their turn or the time is
 * up. Any thread.
 */
final class Forwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final String SOURCE = "forward";
    private static final Duration TOTAL_MAX = Duration.ofSeconds(5);
    /** How many may wait for answers for each one that is asked for. */
    private static final int WAITING_FACTOR = 10;

    private final Supplier<List<InetSocketAddress>> servers;
    private final Predicate<InetSocketAddress> isOwn;
    private final ForwardPolicy policy;
    private final Duration tryMax;
    private final SecureRandom random;
    private final DnsMetrics metrics;
    private final LoopProbe probe;
    private final Map<AnswerCache.Request, CompletableFuture<Answer>> asked = new ConcurrentHashMap<>();
    private final Semaphore free;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private final int waitingMax;
    private List<InetSocketAddress> lastServers = List.of();
    private List<Upstream> upstreams = List.of();
    private boolean isClosed;

    /**
     * To servers.
     *
     * @param servers which; asked each time, and so best the same object as long as nothing changes
     * @param isOwn whether an address is one that this server listens on itself
     * @param concurrentMax how many questions are asked at the same time
     * @param tryMax how long one server has
     */
    Forwarder(
            Supplier<List<InetSocketAddress>> servers,
            Predicate<InetSocketAddress> isOwn,
            ForwardPolicy policy,
            int concurrentMax,
            Duration tryMax,
            SecureRandom random,
            DnsMetrics metrics,
            LoopProbe probe) {
        this.servers = servers;
        this.isOwn = isOwn;
        this.policy = policy;
        this.tryMax = tryMax;
        this.random = random;
        this.metrics = metrics;
        this.probe = probe;
        free = new Semaphore(concurrentMax);
        waitingMax = concurrentMax * WAITING_FACTOR;
    }

    /** Learns which servers there are, so that it is known whether they lead back here before somebody asks. */
    void open() {
        var _ = upstreams();
    }

    /** What the servers say; if none does, or there is no room, that something went wrong, and why. Never fails. */
    CompletableFuture<Answer> ask(AnswerCache.Request request) {
        if (waiting.incrementAndGet() > waitingMax) {
            waiting.decrementAndGet();
            return CompletableFuture.completedFuture(refused());
        }
        CompletableFuture<Answer> mine = new CompletableFuture<>();
        CompletableFuture<Answer> others = asked.putIfAbsent(request, mine);
        CompletableFuture<Answer> answer = others != null ? others : mine;
        if (others == null && free.tryAcquire()) {
            Thread.ofVirtual().name("dns-forward").start(() -> askNow(request, mine));
        } else if (others == null) {
            asked.remove(request, mine);
            // Somebody may have joined meanwhile.
            mine.complete(refused());
        }
        return answer.whenComplete((ignored, problem) -> waiting.decrementAndGet());
    }

    private Answer refused() {
        metrics.forwardRejected();
        return Answer.problem(
                ResponseCode.REFUSED,
                Edns.ExtendedError.OTHER,
                "more questions are being forwarded than this server takes at the same time",
                SOURCE);
    }

    private void askNow(AnswerCache.Request request, CompletableFuture<Answer> waiting) {
        Answer answer;
        try {
            answer = askEach(request);
        } catch (RuntimeException e) {
            LOG.error("forwarding {}: {}", request.question().name(), e.getMessage(), e);
            answer = failed("an error of this server");
        } finally {
            free.release();
            asked.remove(request, waiting);
        }
        waiting.complete(answer);
    }

    private Answer askEach(AnswerCache.Request request) {
        List<Upstream> all = upstreams();
        if (all.isEmpty()) {
            return failed("there is no name server to ask: the file of name servers names none that is not this one");
        }
        List<Upstream> order = new ArrayList<>(policy.order(all, turn.getAndIncrement()));
        order.removeIf(Upstream::leadsBack);
        if (order.isEmpty()) {
            return failed("all name servers ask this one what they are asked");
        }
        if (order.stream().allMatch(Upstream::isDown)) {
            // Checks may be what is broken: any of them may answer all the same.
            metrics.healthChecksBroken();
            Collections.shuffle(order, ThreadLocalRandom.current());
        } else {
            order.removeIf(Upstream::isDown);
        }
        return askInTurn(request, order);
    }

    private Answer askInTurn(AnswerCache.Request request, List<Upstream> order) {
        long begin = System.nanoTime();
        Map<String, String> problems = new HashMap<>();
        for (int i = 0; i < Math.max(2, order.size()); i++) {
            Duration left = TOTAL_MAX.minusNanos(System.nanoTime() - begin);
            if (left.toMillis() <= 0) {
                break;
            }
            Upstream upstream = order.get(i % order.size());
            try {
                return upstream.ask(request, left.compareTo(tryMax) < 0 ? left : tryMax);
            } catch (IOException e) {
                problems.put(upstream.label(), e.getMessage());
            }
        }
        return failed("no name server gave an answer: " + problems);
    }

    private static Answer failed(String why) {
        return Answer.problem(ResponseCode.SERVFAIL, Edns.ExtendedError.NO_REACHABLE_AUTHORITY, why, SOURCE);
    }

    private synchronized List<Upstream> upstreams() {
        List<InetSocketAddress> now = servers.get();
        if (isClosed || now.equals(lastServers)) {
            return upstreams;
        }
        upstreams.forEach(Upstream::close);
        List<Upstream> made = new ArrayList<>();
        for (InetSocketAddress server : now) {
            if (isOwn.test(server)) {
                LOG.warn("{} is this server itself, and is not asked", server);
            } else {
                made.add(new Upstream(server, random, metrics, probe));
            }
        }
        lastServers = now;
        upstreams = List.copyOf(made);
        return upstreams;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        upstreams.forEach(Upstream::close);
        upstreams = List.of();
    }
}
