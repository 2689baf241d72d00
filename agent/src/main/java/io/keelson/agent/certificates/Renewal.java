package io.keelson.agent.certificates;

import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a certificate renewed when it is time: between 70 and 90 % of its life, another part for each, so that nodes
 * that began together do not ask together; at once where there is none, or it does not say what it is to say. What
 * fails is tried again, later each time.
 */
final class Renewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    /** A clock that jumps, and a change that nobody told of, are seen after this. */
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(32);

    private final String name;
    private final Time time;
    private final Supplier<Optional<CertifiedKey>> current;
    private final Predicate<Optional<CertifiedKey>> mustChange;
    private final Work work;
    private final Repeating repeating;
    private final AtomicLong failures = new AtomicLong();
    /** Of the thread that repeats alone, as what follows. */
    private @Nullable CertifiedKey seen;

    private Instant deadline = Instant.MIN;
    private Duration pause = Duration.ZERO;
    private int inARow;

    /** Gets a new one. */
    @FunctionalInterface
    interface Work {
        /** Asks, waits and puts it in the place of the one before. */
        void run() throws CertificateProblem, IOException, InterruptedException;
    }

    /**
     * Does nothing before it is started.
     *
     * @param name of the thread
     * @param current the certificate that counts
     * @param mustChange whether there has to be another one, whatever its life
     */
    Renewal(
            String name,
            Time time,
            Supplier<Optional<CertifiedKey>> current,
            Predicate<Optional<CertifiedKey>> mustChange,
            Work work) {
        this.name = name;
        this.time = time;
        this.current = current;
        this.mustChange = mustChange;
        this.work = work;
        repeating = new Repeating(name, time, () -> pause, this::look);
    }

    void start() {
        repeating.start();
    }

    /** Looks at once. */
    void wake() {
        repeating.wake();
    }

    /** How often it has failed. */
    long failures() {
        return failures.get();
    }

    /**
     * When a certificate is to be renewed.
     *
     * @param chance from 0 to 1
     */
    static Instant deadline(X509Certificate certificate, double chance) {
        Instant begin = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(begin, certificate.getNotAfter().toInstant());
        return begin.plusMillis((long) (life.toMillis() * (0.7 + 0.2 * chance)));
    }

    private void look() throws InterruptedException {
        pause = LOOK_EVERY;
        Optional<CertifiedKey> now = current.get();
        CertifiedKey pair = now.orElse(null);
        if (pair != null && !pair.equals(seen)) {
            deadline = deadline(pair.certificate(), ThreadLocalRandom.current().nextDouble());
            LOG.info("{}: certificate expiration is {}, rotation deadline is {}", name, expires(pair), deadline);
        }
        seen = pair;
        Instant clock = time.instant();
        if (!mustChange.test(now) && (pair == null || clock.isBefore(deadline))) {
            // What a first one is to say may not be known yet, and is soon.
            Duration left = pair == null ? FIRST_PAUSE : Duration.between(clock, deadline);
            pause = left.compareTo(LOOK_EVERY) < 0 ? left : LOOK_EVERY;
            inARow = 0;
            return;
        }
        try {
            work.run();
            // One that is due at once, as it may be issued for an hour by a clock that is behind, is not asked for
            // endlessly.
            pause = inARow == 0 ? Duration.ZERO : backOff();
        } catch (CertificateProblem | IOException e) {
            failures.incrementAndGet();
            pause = backOff();
            LOG.warn(
                    "{}: no new certificate, which is tried again in {} s: {}",
                    name,
                    pause.toSeconds(),
                    e.getMessage());
        }
        inARow++;
    }

    private Duration backOff() {
        Duration wanted = FIRST_PAUSE.multipliedBy(1L << Math.min(inARow, 10));
        return wanted.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : wanted;
    }

    private static Instant expires(CertifiedKey pair) {
        return pair.certificate().getNotAfter().toInstant();
    }

    /** Ends; what was asked for stays asked for. */
    @Override
    public void close() {
        repeating.close();
    }
}
