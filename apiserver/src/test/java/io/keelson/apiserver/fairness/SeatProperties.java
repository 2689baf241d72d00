package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.fairness.PriorityLevel.Seat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class SeatProperties {
    /** What is in use as those see it who have seats. */
    private static final class Seen {
        private final AtomicInteger inUse = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final AtomicInteger served = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
    }

    @Property(tries = 60)
    void seatsNeverGoBeyondTheLimitAndAreAlwaysGivenBack(
            @ForAll @IntRange(min = 1, max = 12) int limit,
            @ForAll @IntRange(min = 1, max = 8) int queues,
            @ForAll @IntRange(min = 1, max = 20) int lengthMax,
            @ForAll @IntRange(min = 1, max = 40) int threads,
            @ForAll long seed)
            throws InterruptedException {
        PriorityLevel level = Levels.level(Levels.queuing(queues, Math.min(3, queues), lengthMax), limit);
        Seen seen = new Seen();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Random random = new Random(seed + i);
            String user = "user" + i % 5;
            all.add(Thread.startVirtualThread(() -> ask(level, user, random, limit, seen)));
        }
        // Some are called off while they wait or are being served.
        for (int i = 0; i < threads; i += 7) {
            all.get(i).interrupt();
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertTrue(seen.most.get() <= limit, () -> seen.most + " seats of " + limit);
        assertEquals(0, level.seatsInUse());
        assertEquals(0, level.waiting());
        assertTrue(level.isIdle());
        assertEquals(0, level.counts().executing());
        assertEquals(0, level.activeQueues());
        assertTrue(level.counts().dispatched() >= seen.served.get());
    }

    private static void ask(PriorityLevel level, String user, Random random, int limit, Seen seen) {
        try {
            for (int i = 0; i < 30; i++) {
                int seats = 1 + random.nextInt(limit);
                boolean impatient = random.nextInt(4) == 0;
                long wait = impatient ? random.nextLong(100_000) : TimeUnit.SECONDS.toNanos(60);
                boolean gone = random.nextInt(20) == 0;
                switch (level.take(Levels.flow(user), new Work(seats, 0, 0), wait, () -> gone)) {
                    case Seat seat -> {
                        int now = seen.inUse.addAndGet(seats);
                        seen.most.accumulateAndGet(now, Math::max);
                        seen.served.incrementAndGet();
                        try {
                            if (random.nextBoolean()) {
                                Thread.sleep(0, 1000);
                            }
                        } finally {
                            seen.inUse.addAndGet(-seats);
                            seat.release();
                        }
                    }
                    case PriorityLevel.Refusal _ -> seen.refused.incrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Property(tries = 300)
    void handsHaveDifferentQueues(
            @ForAll long hash,
            @ForAll @IntRange(min = 1, max = 10_000_000) int deck,
            @ForAll @IntRange(min = 1, max = 20) int size) {
        int[] hand = Hand.deal(hash, deck, size);
        assertEquals(Math.min(size, deck), hand.length);
        Set<Integer> different = new HashSet<>();
        Arrays.stream(hand).forEach(different::add);
        assertEquals(hand.length, different.size());
        assertTrue(Arrays.stream(hand).allMatch(card -> card >= 0 && card < deck));
    }

    @Property(tries = 300)
    void seatsAreAllDividedUpAndEverybodyKeepsWhatItMay(
            @ForAll @IntRange(min = 1, max = 12) int count,
            @ForAll @IntRange(min = 1, max = 5000) int serverSeats,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<LevelConfiguration> configurations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            configurations.add(new LevelConfiguration(
                    "l" + i,
                    "",
                    i == 0 && count > 1,
                    random.nextInt(100),
                    random.nextInt(101),
                    random.nextBoolean() ? (Integer) random.nextInt(300) : null,
                    null));
        }
        Map<String, SeatLimits> limits = SeatLimits.of(configurations, serverSeats);
        List<SeatAllocation.Level> levels = new ArrayList<>();
        int total = 0;
        int highestSum = 0;
        for (LevelConfiguration one : configurations) {
            SeatLimits limit = Objects.requireNonNull(limits.get(one.name()));
            int highest = random.nextInt(serverSeats + 1);
            total += limit.nominal();
            highestSum += limit.max();
            levels.add(
                    new SeatAllocation.Level(one.name(), one.exempt(), limit, highest, highest * random.nextDouble()));
        }
        Map<String, Integer> seats = SeatAllocation.of(levels).seats();
        int exempt = levels.stream()
                .filter(SeatAllocation.Level::exempt)
                .mapToInt(SeatAllocation.Level::needed)
                .sum();
        int sum = 0;
        int minima = 0;
        for (SeatAllocation.Level level : levels) {
            int given = Objects.requireNonNull(seats.get(level.name()));
            if (level.exempt()) {
                assertEquals(level.needed(), given);
                continue;
            }
            sum += given;
            minima += level.limits().min();
            assertTrue(given >= level.limits().min(), () -> level + " " + given);
            assertTrue(given <= level.limits().max(), () -> level + " " + given);
        }
        // Half a seat each by rounding; exempt levels may take more than there is.
        assertTrue(sum <= Math.max(minima, total - exempt) + count / 2.0 + 1, sum + " of " + total);
        if (exempt == 0 && highestSum >= total) {
            assertTrue(sum >= Math.min(total, maxima(levels)) - count / 2.0 - 1, sum + " of " + total);
        }
    }

    private static int maxima(List<SeatAllocation.Level> levels) {
        return levels.stream()
                .filter(level -> !level.exempt())
                .mapToInt(level -> level.limits().max())
                .sum();
    }
}
