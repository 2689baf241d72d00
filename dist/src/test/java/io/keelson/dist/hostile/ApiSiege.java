package io.keelson.dist.hostile;

import io.keelson.kvstore.hostile.Look;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Attackers that strike an API server with one attack for a while. */
final class ApiSiege {
    /** How long the last strikes may take; then their connections are closed. */
    private static final long LAST_STRIKES_MS = 10_000;

    private static final long STUCK_SECONDS = 60;

    /**
     * What came of it.
     *
     * @param strikes how often was struck
     * @param refused how many strikes the server ended before they were over
     * @param look how the good clients fared since somebody looked last
     * @param lags nanoseconds from the answer to a good client's write until its watch showed it, sorted
     */
    record Outcome(ApiAttack attack, long strikes, long refused, Look look, Look lags) {
        String line() {
            return String.format(
                    "%-18s %,8d strikes, %,8d cut short; good clients: %,6d calls, p50 %6.1f ms, p99 %7.1f ms,"
                            + " max %7.1f ms, %d failed; watch behind p99 %.1f ms, max %.1f ms",
                    attack.title(),
                    strikes,
                    refused,
                    look.tookNanos().length,
                    look.millisAt(0.5),
                    look.millisAt(0.99),
                    look.millisAt(1),
                    look.failures().size(),
                    lags.millisAt(0.99),
                    lags.millisAt(1));
        }
    }

    private ApiSiege() {}

    static Outcome run(ApiAttack attack, ApiTarget target, GoodApiClients clients, long durationMs, long seed)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(durationMs);
        AtomicLong strikes = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        List<Thread> attackers = new ArrayList<>();
        for (int i = 0; i < attack.attackers(); i++) {
            Random random = new Random(seed + i);
            // A platform thread: an attacker must not hold up the good clients, which are virtual ones.
            attackers.add(Thread.ofPlatform().daemon().start(() -> {
                while (System.nanoTime() < end) {
                    strikes.incrementAndGet();
                    try {
                        attack.strike(target, random);
                    } catch (IOException e) {
                        // As intended: the server has closed the connection.
                        refused.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread attacker : attackers) {
            attacker.join(durationMs + LAST_STRIKES_MS);
        }
        awaitAll(attackers, target);
        return new Outcome(
                attack,
                strikes.get(),
                refused.get(),
                clients.look(),
                new Look(clients.ledger().lags(), List.of()));
    }

    private static void awaitAll(List<Thread> attackers, ApiTarget target) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STUCK_SECONDS);
        target.cut();
        while (attackers.stream().anyMatch(Thread::isAlive)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("attackers do not end though their connections are closed");
            }
            Thread.sleep(50);
            target.cut();
        }
    }
}
