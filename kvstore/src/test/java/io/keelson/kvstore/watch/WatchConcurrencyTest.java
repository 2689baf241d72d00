package io.keelson.kvstore.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The hub with its real threads, a writer that never waits, and clients that come, go, stall and hurry. */
class WatchConcurrencyTest {
    private static final int REVISIONS = 12_000;
    private static final int CLIENTS = 8;
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final EventLog log = new EventLog();

    @Test
    void guaranteesHoldWhileEverythingHappensAtOnce() throws ExecutionException, InterruptedException {
        WatchConfig config = WatchConfig.defaults().withWindow(256, 1 << 20).withResponseBytesMax(8_000);
        try (WatchHub hub = WatchHub.start(log, config, HubFixture.ORIGIN);
                ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 1)) {
            Future<?> writer = threads.submit(() -> write(hub));
            List<Callable<List<WatchValidator>>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                long seed = i;
                clients.add(() -> new Client(hub, new Random(seed)).run());
            }
            List<Future<List<WatchValidator>>> results = threads.invokeAll(clients);
            writer.get();
            List<Event> history = log.events();
            int watches = 0;
            for (Future<List<WatchValidator>> result : results) {
                for (WatchValidator validator : result.get()) {
                    validator.complete(history, log.currentRevision());
                    watches++;
                }
            }
            assertTrue(watches > CLIENTS, "clients made watches");
            await(() -> hub.watchers() == 0 && hub.streams() == 0);
            assertEquals(0, hub.slowWatchers());
        }
    }

    @Test
    void aRevisionNeverWaitsForTheNextOneToWakeTheDispatcher() {
        try (WatchHub hub = WatchHub.start(log, WatchConfig.defaults(), HubFixture.ORIGIN)) {
            RecordingReceiver receiver = new RecordingReceiver();
            hub.open(receiver, WatchAuthorizer.OPEN, false)
                    .create(HubFixture.watch("k").build());
            await(() -> receiver.waiting() == 1);
            receiver.take();
            Random random = new Random(7);
            for (int i = 0; i < 5_000; i++) {
                hub.committed(List.of(log.put("k", "v")));
                long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
                while (receiver.waiting() == 0) {
                    assertTrue(System.nanoTime() < deadlineNs, "the revision is dispatched in time");
                    Thread.onSpinWait();
                }
                receiver.take();
                // Meets the dispatcher at every point of its way to sleep.
                for (int spin = random.nextInt(2_000); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private void write(WatchHub hub) {
        Random random = new Random(99);
        for (int i = 0; i < REVISIONS; ) {
            List<RevisionEvents> batch = new ArrayList<>();
            for (int j = 0; j <= random.nextInt(8); j++) {
                EventLog.Change change = log.change();
                change.put("k" + random.nextInt(20), "v".repeat(random.nextInt(60)));
                batch.add(change.put("l" + random.nextInt(20), "w").done());
                i++;
            }
            hub.committed(batch);
            if (random.nextInt(50) == 0) {
                LockSupport.parkNanos(500_000);
            }
        }
    }

    private final class Client {
        private final Random random;
        private final RecordingReceiver receiver = new RecordingReceiver();
        private final WatchStream stream;
        private final List<WatchCreateRequest> asked = new ArrayList<>();
        private final Map<Long, WatchValidator> active = new HashMap<>();
        private final List<WatchValidator> all = new ArrayList<>();
        private int answered;

        Client(WatchHub hub, Random random) {
            this.random = random;
            this.stream = hub.open(receiver, WatchAuthorizer.OPEN, false);
        }

        List<WatchValidator> run() {
            while (log.currentRevision() < REVISIONS) {
                act();
                receiver.take().forEach(this::receive);
            }
            receiver.credit(Integer.MAX_VALUE);
            stream.ready();
            await(() -> {
                stream.requestProgress();
                LockSupport.parkNanos(1_000_000);
                receiver.take().forEach(this::receive);
                long current = log.currentRevision();
                return current > REVISIONS
                        && answered == asked.size()
                        && active.values().stream().allMatch(validator -> validator.closedRevision() >= current);
            });
            stream.close();
            return all;
        }

        private void act() {
            switch (random.nextInt(10)) {
                case 0 -> {
                    if (active.size() < 20) {
                        create();
                    }
                }
                case 1 -> active.keySet().stream().findAny().ifPresent(stream::cancel);
                case 2 -> stream.requestProgress();
                case 3, 4 -> {
                    receiver.credit(random.nextInt(5) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(5));
                    stream.ready();
                }
                default -> LockSupport.parkNanos(random.nextInt(2_000_000));
            }
        }

        private void create() {
            WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("k" + random.nextInt(20)))
                    .setPrevKv(random.nextBoolean());
            if (random.nextBoolean()) {
                request.setRangeEnd(ByteString.copyFromUtf8("l" + random.nextInt(20)));
            }
            if (random.nextInt(3) == 0) {
                request.setStartRevision(Math.max(1, log.currentRevision() - random.nextInt(1_000)));
            }
            asked.add(request.build());
            stream.create(request.build());
        }

        private void receive(WatchResponse response) {
            if (response.getCreated()) {
                if (response.getCanceled()) {
                    answered++;
                    return;
                }
                WatchValidator validator = new WatchValidator(asked.get(answered++));
                active.put(response.getWatchId(), validator);
                all.add(validator);
            }
            if (response.getWatchId() == WatchMessage.NO_WATCH) {
                active.values().forEach(validator -> validator.accept(response));
                return;
            }
            WatchValidator validator = active.get(response.getWatchId());
            if (validator == null) {
                throw new AssertionError("for no watch: " + response);
            }
            validator.accept(response);
            if (response.getCanceled()) {
                active.remove(response.getWatchId());
            }
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("did not happen within " + DEADLINE);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
