package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events that are handed on many at a time, while a backend is quick, slow, broken or hangs. */
@Timeout(60)
class BatchingSinkTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final AuditCounts counts = new AuditCounts();
    private final BlockingQueue<List<String>> stored = new LinkedBlockingQueue<>();

    /** Does something with a batch before it is stored. */
    private interface Doing {
        void with(List<AuditEvent> batch) throws IOException, InterruptedException;
    }

    private Backend backend(Doing first) {
        return new Backend() {
            @Override
            public void store(List<AuditEvent> events) throws IOException, InterruptedException {
                first.with(events);
                stored.add(events.stream().map(AuditEvent::auditId).toList());
            }

            @Override
            public String name() {
                return "webhook";
            }

            @Override
            public void close() {}
        };
    }

    private BatchingSink sink(int bufferSize, int sizeMax, Duration waitMax, int atOnce, long bytesMax, Doing first) {
        Complaints complaints = new Complaints();
        return new BatchingSink(
                backend(first),
                new Truncation(new AuditSettings.Truncate(false, 10, 10), "webhook", counts, complaints),
                new AuditSettings.Batch(bufferSize, sizeMax, waitMax, false, 0, 0),
                atOnce,
                bytesMax,
                counts,
                complaints);
    }

    private List<String> next() throws InterruptedException {
        List<String> batch = stored.poll(30, TimeUnit.SECONDS);
        assertTrue(batch != null, "nothing came");
        return batch;
    }

    @Test
    void aBatchGoesWhenItIsFull() throws Exception {
        try (BatchingSink sink = sink(100, 3, LONG, 1, Long.MAX_VALUE, _ -> {})) {
            for (int i = 0; i < 6; i++) {
                assertTrue(sink.take(Events.of("e" + i, 0)));
            }
            assertEquals(List.of("e0", "e1", "e2"), next());
            assertEquals(List.of("e3", "e4", "e5"), next());
        }
    }

    @Test
    void aBatchGoesWhenItsFirstEventHasWaitedLongEnough() throws Exception {
        try (BatchingSink sink = sink(100, 3, Duration.ofMillis(20), 1, Long.MAX_VALUE, _ -> {})) {
            sink.take(Events.of("a", 0));
            assertEquals(List.of("a"), next());
        }
    }

    @Test
    void whatIsLeftGoesAtTheEnd() throws Exception {
        BatchingSink sink = sink(100, 50, LONG, 1, Long.MAX_VALUE, _ -> {});
        sink.take(Events.of("a", 0));
        sink.take(Events.of("b", 0));
        sink.close();
        assertEquals(List.of("a", "b"), next());
        assertTrue(sink.take(Events.of("late", 0)));
        assertEquals(1, counts.dropped());
    }

    @Test
    void aBackendThatHangsHoldsUpNobody() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        try (BatchingSink sink = sink(10, 1, Duration.ZERO, 2, Long.MAX_VALUE, _ -> hanging.await())) {
            for (int i = 0; i < 1_000; i++) {
                assertTrue(sink.take(Events.of("e" + i, 0)));
            }
            // Two are with it, one is to be handed on, ten wait.
            long kept = 1_000 - counts.dropped();
            assertTrue(kept >= 10 && kept <= 13, kept + " were kept");
            hanging.countDown();
            for (int i = 0; i < kept; i++) {
                next();
            }
        }
    }

    @Test
    void largeEventsDoNotFillTheMemory() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        List<AuditEvent> held = new ArrayList<>();
        try (BatchingSink sink = sink(10_000, 1, Duration.ZERO, 1, 10 << 20, _ -> hanging.await())) {
            AuditEvent large = Events.of("large", 1 << 20);
            for (int i = 0; i < 100; i++) {
                held.add(large);
                sink.take(large);
            }
            assertEquals(91, counts.dropped(), "nine of a mebibyte and a little fit into ten mebibytes");
            hanging.countDown();
        }
        assertEquals(9, stored.size());
        assertEquals(100, held.size());
    }

    @Test
    void aBackendThatFailsLosesItsBatchAndNoOther() throws Exception {
        try (BatchingSink sink = sink(100, 1, Duration.ZERO, 1, Long.MAX_VALUE, batch -> {
            if (batch.getFirst().auditId().equals("bad")) {
                throw new IOException("no space left on device");
            }
        })) {
            sink.take(Events.of("bad", 0));
            sink.take(Events.of("good", 0));
            assertEquals(List.of("good"), next());
        }
        assertEquals(1, counts.errors());
    }

    /** No memory for what is to be sent, for example. */
    @Test
    void anErrorOfABackendIsCountedAsWell() throws Exception {
        try (BatchingSink sink = sink(100, 1, Duration.ZERO, 1, Long.MAX_VALUE, batch -> {
            if (batch.getFirst().auditId().equals("bad")) {
                throw new OutOfMemoryError("made up");
            }
        })) {
            sink.take(Events.of("bad", 0));
            sink.take(Events.of("good", 0));
            assertEquals(List.of("good"), next());
        }
        assertEquals(1, counts.errors());
    }

    /** No memory for another thread, for example: nothing of what the lost batch held stays held. */
    @Test
    void whoCollectsBatchesGoesOnAfterAnError() throws Exception {
        AtomicBoolean failing = new AtomicBoolean();
        Backend backend = new Backend() {
            @Override
            public void store(List<AuditEvent> events) {
                stored.add(events.stream().map(AuditEvent::auditId).toList());
            }

            // Asked for when a batch gets its thread.
            @Override
            public String name() {
                if (failing.getAndSet(false)) {
                    throw new OutOfMemoryError("made up");
                }
                return "webhook";
            }

            @Override
            public void close() {}
        };
        AuditEvent lost = Events.of("lost", 0);
        Complaints complaints = new Complaints();
        try (BatchingSink sink = new BatchingSink(
                backend,
                new Truncation(new AuditSettings.Truncate(false, 10, 10), "webhook", counts, complaints),
                new AuditSettings.Batch(10, 1, Duration.ZERO, false, 0, 0),
                1,
                lost.weight(),
                counts,
                complaints)) {
            failing.set(true);
            sink.take(lost);
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (counts.errors() == 0) {
                assertTrue(System.nanoTime() - end < 0, "the loss was not counted");
                Thread.sleep(5);
            }
            sink.take(Events.of("kept", 0));
            assertEquals(List.of("kept"), next());
        }
        assertEquals(1, counts.errors());
        assertEquals(0, counts.dropped());
    }

    @Test
    void batchesAreHeldToTheirNumberInASecond() throws Exception {
        Throttle throttle = new Throttle(new AuditSettings.Batch(1, 1, Duration.ZERO, true, 50, 3));
        long begin = System.nanoTime();
        for (int i = 0; i < 8; i++) {
            throttle.await();
        }
        // Three at once, and five more at twenty milliseconds each.
        assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(95));
        throttle.open();
        throttle.await();
    }

    @Test
    void whoMustBeWrittenDownMayNotGoOnOtherwise() throws Exception {
        Complaints complaints = new Complaints();
        Truncation all = new Truncation(new AuditSettings.Truncate(false, 10, 10), "log", counts, complaints);
        Backend full = backend(_ -> {
            throw new IOException("no space left on device");
        });
        assertTrue(new BlockingSink(full, all, false, counts, complaints).take(Events.of("a", 0)));
        assertTrue(!new BlockingSink(full, all, true, counts, complaints).take(Events.of("a", 0)));
        assertEquals(2, counts.errors());
    }
}
