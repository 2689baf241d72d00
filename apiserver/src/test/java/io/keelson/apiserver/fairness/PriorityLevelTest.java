package io.keelson.apiserver.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.fairness.PriorityLevel.Outcome;
import io.keelson.apiserver.fairness.PriorityLevel.Refusal;
import io.keelson.apiserver.fairness.PriorityLevel.Seat;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

final class PriorityLevelTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);
    private static final Flow FLOW = Levels.flow("somebody");

    private static Outcome take(PriorityLevel level, Flow flow, Work work) throws InterruptedException {
        return level.take(flow, work, LONG, () -> false);
    }

    private static Seat seat(PriorityLevel level, Work work) throws InterruptedException {
        return assertInstanceOf(Seat.class, take(level, FLOW, work));
    }

    /** Asks on a thread of its own, and returns once it waits. */
    private static CompletableFuture<Outcome> waiting(
            PriorityLevel level, Flow flow, Work work, long nanosMax, BooleanSupplier gone) throws Exception {
        int before = level.waiting();
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                outcome.complete(level.take(flow, work, nanosMax, gone));
            } catch (InterruptedException | RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        });
        await(() -> level.waiting() > before || outcome.isDone());
        return outcome;
    }

    private static CompletableFuture<Outcome> waiting(PriorityLevel level, Flow flow) throws Exception {
        return waiting(level, flow, Work.ONE, LONG, () -> false);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONG;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "in time");
            Thread.sleep(1);
        }
    }

    private static Seat seated(CompletableFuture<Outcome> outcome) throws Exception {
        return assertInstanceOf(Seat.class, outcome.get(30, TimeUnit.SECONDS));
    }

    @Test
    void seatsAreTakenAndGivenBack() throws Exception {
        PriorityLevel level = Levels.level(Levels.configuration(null), 3);
        Seat first = seat(level, Work.ONE);
        Seat second = seat(level, new Work(2, 0, 0));
        assertEquals(3, level.seatsInUse());
        assertEquals(Refusal.CONCURRENCY_LIMIT, take(level, FLOW, Work.ONE));
        second.release();
        seat(level, Work.ONE).release();
        first.release();
        assertTrue(level.isIdle());
        assertEquals(1, level.counts().rejected());
        assertEquals(3, level.counts().dispatched());
        assertEquals(0, level.counts().executing());
    }

    private static RequestCounts counts(PriorityLevel level, String schema) {
        return Objects.requireNonNull(level.countsBySchema().get(schema));
    }

    private static Flow flowOf(String schema) {
        return new Flow(new FlowSchema(schema, "", 1, "level", FlowSchema.Distinguisher.USER, List.of()), "");
    }

    @Test
    void requestsAreCountedBySchema() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(1, 1, 2), 2);
        Seat two = assertInstanceOf(Seat.class, take(level, flowOf("large"), new Work(2, 0, 0)));
        var waiting = waiting(level, flowOf("small"));
        assertEquals(2, counts(level, "large").seats());
        assertEquals(1, counts(level, "small").waiting());
        assertEquals(0, counts(level, "small").dispatched());
        two.release();
        Seat one = seated(waiting);
        assertEquals(0, counts(level, "large").seats());
        assertEquals(1, counts(level, "small").seats());
        assertEquals(0, counts(level, "small").waiting());
        one.release();
        assertEquals(0, counts(level, "small").seats());
        assertEquals(2, level.counts().dispatched());
    }

    @Test
    void thereIsABoundOnSchemasThatAreToldApart() throws Exception {
        PriorityLevel level = Levels.level(Levels.configuration(null), 1);
        for (int i = 0; i < 1_000; i++) {
            assertInstanceOf(Seat.class, take(level, flowOf("schema" + i), Work.ONE))
                    .release();
        }
        assertEquals(201, level.countsBySchema().size());
        assertEquals(800, counts(level, "OTHER").dispatched());
        assertEquals(1_000, level.counts().dispatched());
    }

    @Test
    void whoWaitsIsSeatedWhenASeatIsGivenBack() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(1, 1, 2), 1);
        Seat first = seat(level, Work.ONE);
        var second = waiting(level, FLOW);
        var third = waiting(level, FLOW);
        assertEquals(Refusal.QUEUE_FULL, take(level, FLOW, Work.ONE));
        first.release();
        Seat next = seated(second);
        assertEquals(1, level.waiting());
        next.release();
        seated(third).release();
        assertTrue(level.isIdle());
    }

    @Test
    void whoWaitsTooLongOrLeavesGivesUpItsPlace() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(4, 2, 10), 1);
        Seat first = seat(level, Work.ONE);
        assertEquals(Refusal.TIME_OUT, level.take(FLOW, Work.ONE, 1_000_000, () -> false));
        AtomicBoolean gone = new AtomicBoolean();
        var leaving = waiting(level, FLOW, Work.ONE, LONG, gone::get);
        gone.set(true);
        assertEquals(Refusal.CANCELLED, leaving.get(30, TimeUnit.SECONDS));
        CompletableFuture<Outcome> interrupted = new CompletableFuture<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                interrupted.complete(take(level, FLOW, Work.ONE));
            } catch (InterruptedException e) {
                interrupted.completeExceptionally(e);
            }
        });
        await(() -> level.waiting() == 1);
        thread.interrupt();
        assertInstanceOf(
                InterruptedException.class,
                assertThrows(ExecutionException.class, () -> interrupted.get(30, TimeUnit.SECONDS))
                        .getCause());
        assertEquals(0, level.waiting());
        assertEquals(1, level.counts().timedOut());
        assertEquals(2, level.counts().cancelled());
        first.release();
        assertTrue(level.isIdle());
    }

    @Test
    void aTrickleIsServedPromptlyThroughAFlood() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(64, 6, 50), 1);
        Seat first = seat(level, Work.ONE);
        LinkedBlockingQueue<String> order = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<Seat> seats = new LinkedBlockingQueue<>();
        List<CompletableFuture<Outcome>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(waiting(level, Levels.flow("flood")));
        }
        var trickle = waiting(level, Levels.flow("trickle"));
        for (CompletableFuture<Outcome> one : all) {
            var _ = one.thenAccept(outcome -> {
                order.add("flood");
                seats.add((Seat) outcome);
            });
        }
        var _ = trickle.thenAccept(outcome -> {
            order.add("trickle");
            seats.add((Seat) outcome);
        });
        first.release();
        int before = 0;
        for (int i = 0; i <= 200; i++) {
            String served = order.poll(30, TimeUnit.SECONDS);
            if ("trickle".equals(served)) {
                before = i;
            }
            seats.take().release();
        }
        // The flood has six queues.
        assertTrue(before <= 6, "served before it: " + before);
        await(level::isIdle);
    }

    @Test
    void moreSeatsAreFilledAtOnceAndFewerAsRequestsEnd() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(8, 2, 10), 1);
        Seat first = seat(level, Work.ONE);
        List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(waiting(level, Levels.flow("user" + i)));
        }
        level.resize(3);
        await(() -> level.waiting() == 1);
        assertEquals(3, level.seatsInUse());
        level.resize(1);
        first.release();
        assertEquals(2, level.seatsInUse());
        assertEquals(1, level.waiting());
        // It becomes one that refuses: who waits goes on waiting.
        level.configure(Levels.configuration(null), new SeatLimits(1, 1, 1));
        assertEquals(Refusal.CONCURRENCY_LIMIT, take(level, FLOW, Work.ONE));
        level.configure(Levels.queuing(1, 1, 1), new SeatLimits(9, 9, 9));
        for (CompletableFuture<Outcome> one : waiting) {
            seated(one).release();
        }
        assertTrue(level.isIdle());
    }

    @Test
    void aRequestWiderThanTheLevelIsServedAlone() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(1, 1, 10), 2);
        Seat first = seat(level, Work.ONE);
        var wide = waiting(level, FLOW, new Work(5, 0, 0), LONG, () -> false);
        var behind = waiting(level, FLOW);
        assertEquals(1, level.seatsInUse());
        first.release();
        Seat alone = seated(wide);
        assertEquals(5, level.seatsInUse());
        assertEquals(1, level.waiting());
        alone.release();
        seated(behind).release();
        assertTrue(level.isIdle());
    }

    @Test
    void whoWantsMoreAndLeavesLetsOthersPass() throws Exception {
        PriorityLevel level = Levels.level(Levels.queuing(1, 1, 10), 2);
        Seat first = seat(level, Work.ONE);
        AtomicBoolean gone = new AtomicBoolean();
        var wide = waiting(level, FLOW, new Work(2, 0, 0), LONG, gone::get);
        var behind = waiting(level, FLOW);
        gone.set(true);
        assertEquals(Refusal.CANCELLED, wide.get(30, TimeUnit.SECONDS));
        seated(behind).release();
        first.release();
        assertTrue(level.isIdle());
    }

    @Test
    void seatsForWhatComesAfterAWriteAreKeptUntilItIsOver() throws Exception {
        List<Seat> later = new ArrayList<>();
        PriorityLevel level = new PriorityLevel(
                Levels.configuration(null),
                new SeatLimits(10, 10, 10),
                System::nanoTime,
                FlowTimes.UNOBSERVED,
                later::add);
        Seat seat = seat(level, new Work(1, 4, 5_000_000));
        assertEquals(4, level.seatsInUse());
        seat.release();
        assertEquals(4, level.seatsInUse());
        assertEquals(0, level.counts().executing());
        later.getFirst().free();
        assertTrue(level.isIdle());
    }

    @Test
    void anExemptLevelHoldsNobodyUp() throws Exception {
        PriorityLevel level = new PriorityLevel(
                new LevelConfiguration("exempt", "", true, 0, 0, null, null),
                new SeatLimits(0, 0, 0),
                System::nanoTime,
                FlowTimes.UNOBSERVED,
                Seat::free);
        List<Seat> seats = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            seats.add(seat(level, Work.ONE));
        }
        level.sampleDemand();
        level.demand().endPeriod();
        assertEquals(1000, level.demand().highest());
        seats.forEach(Seat::release);
        assertTrue(level.isIdle());
    }

    @Test
    void moreRefusalsAskForLongerPauses() {
        long[] now = {0};
        RetryAfter retryAfter = new RetryAfter(() -> now[0]);
        assertEquals(1, retryAfter.seconds());
        for (int second = 1; second <= 100; second++) {
            for (int i = 0; i < 200; i++) {
                retryAfter.refused();
            }
            now[0] = TimeUnit.SECONDS.toNanos(second);
        }
        assertEquals(32, retryAfter.seconds());
        now[0] += TimeUnit.SECONDS.toNanos(10);
        assertEquals(22, retryAfter.seconds());
        now[0] += TimeUnit.SECONDS.toNanos(1000);
        assertEquals(1, retryAfter.seconds());
    }
}
