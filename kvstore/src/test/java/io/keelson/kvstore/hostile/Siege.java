package io.keelson.kvstore.hostile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Attackers that strike members with one attack for a while. */
final class Siege {
    /**
     * What came of it.
     *
     * @param strikes how often was struck
     * @param refused how many strikes the server ended before they were over
     * @param look how the good clients fared meanwhile
     */
    record Outcome(Attack attack, long strikes, long refused, Look look) {
        String line() {
            return String.format(
                    "%-18s %,8d strikes, %,8d cut short; good clients: %,6d calls, p50 %6.1f ms, p99 %7.1f ms, max %7.1f ms, %d failed",
                    attack.title(),
                    strikes,
                    refused,
                    look.tookNanos().length,
                    look.millisAt(0.5),
                    look.millisAt(0.99),
                    look.millisAt(1),
                    look.failures().size());
        }
    }

    private Siege() {}

    static Outcome run(Attack attack, List<Target> targets, GoodClients clients, long durationMs, long seed)
            throws InterruptedException {
        long end = System.nanoTime() + durationMs * 1_000_000L;
        AtomicLong strikes = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        List<Thread> attackers = new ArrayList<>();
        clients.look();
        for (int i = 0; i < attack.attackers(); i++) {
            Random random = new Random(seed + i);
            // A platform thread: an attacker must not hold up the good clients, which are virtual ones.
            attackers.add(Thread.ofPlatform().daemon().start(() -> {
                while (System.nanoTime() < end) {
                    strikes.incrementAndGet();
                    try {
                        attack.strike(targets.get(random.nextInt(targets.size())), random);
                    } catch (IOException e) {
                        // As intended: the server has closed the connection.
                        refused.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread attacker : attackers) {
            attacker.join();
        }
        return new Outcome(attack, strikes.get(), refused.get(), clients.look());
    }
}
