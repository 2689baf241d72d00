package io.keelson.agent.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that questions are forwarded to, and whether it answers. When it did not, it is asked for the name servers of the
 * root every half second until it says anything at all; after two times without success others are preferred.
 */
final class Upstream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final Duration CHECK_PAUSE = Duration.ofMillis(500);
    private static final Duration CHECK_MAX = Duration.ofSeconds(1);
    private static final Duration LOOP_PAUSE = Duration.ofSeconds(30);
    private static final int FAILURES_MAX = 2;
    private static final AnswerCache.Request ROOT =
            new AnswerCache.Request(Question.of(DnsName.ROOT, RecordType.NS), false, false);

    private final InetSocketAddress address;
    private final SecureRandom random;
    private final DnsMetrics metrics;
    private final LoopProbe probe;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicBoolean isChecked = new AtomicBoolean();
    private final Thread probing;
    private volatile boolean leadsBack;
    private volatile boolean isClosed;

    /** One that is taken for healthy, while it is looked whether questions come back from it. */
    Upstream(InetSocketAddress address, SecureRandom random, DnsMetrics metrics, LoopProbe probe) {
        this.address = address;
        this.random = random;
        this.metrics = metrics;
        this.probe = probe;
        probing = Thread.ofVirtual().name("dns-loop-" + address).start(this::lookForLoop);
    }

    /** As metrics and messages have it: address and port. */
    String label() {
        return address.getAddress().getHostAddress() + ':' + address.getPort();
    }

    /** Whether it should be asked only if there is no other. */
    boolean isDown() {
        return failures.get() >= FAILURES_MAX;
    }

    /** Whether what it is asked comes back to this server. */
    boolean leadsBack() {
        return leadsBack;
    }

    /**
     * Asks it.
     *
     * @param time how long it may take by UDP, and by TCP
     * @throws IOException if it says nothing that can be used
     */
    Answer ask(AnswerCache.Request request, Duration time) throws IOException {
        long begin = System.nanoTime();
        try {
            Message said = new Exchange(address, random, time).ask(request);
            metrics.forwarded(label(), ResponseCode.label(said.code()), Duration.ofNanos(System.nanoTime() - begin));
            return Bailiwick.of(request, said);
        } catch (IOException e) {
            check();
            throw e;
        }
    }

    private void check() {
        if (!isClosed && isChecked.compareAndSet(false, true)) {
            Thread.ofVirtual().name("dns-health-" + address).start(() -> {
                try {
                    checkUntilWell();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    isChecked.set(false);
                }
            });
        }
    }

    private void checkUntilWell() throws InterruptedException {
        while (!isClosed) {
            try {
                Message _ = new Exchange(address, random, CHECK_MAX).ask(ROOT);
                if (failures.getAndSet(0) >= FAILURES_MAX) {
                    LOG.info("name server {} answers again", label());
                }
                return;
            } catch (IOException e) {
                metrics.healthCheckFailed(label());
                if (failures.incrementAndGet() == FAILURES_MAX) {
                    LOG.warn("name server {} does not answer: {}", label(), e.getMessage());
                }
            }
            Thread.sleep(CHECK_PAUSE);
        }
    }

    /** Asks once for a name that nobody else asks for; again, while that name comes in here. */
    private void lookForLoop() {
        try {
            do {
                boolean before = leadsBack;
                leadsBack = probe.comesBack(request -> new Exchange(address, random, CHECK_MAX).ask(request));
                if (leadsBack && !before) {
                    LOG.error(
                            "name server {} asks this server what it is asked: questions for other names than the"
                                    + " cluster's cannot be answered. Let the file of name servers name one outside",
                            label());
                }
                if (leadsBack) {
                    Thread.sleep(LOOP_PAUSE);
                }
            } while (leadsBack && !isClosed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        isClosed = true;
        probing.interrupt();
    }
}
