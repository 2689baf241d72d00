package io.keelson.kvstore.watch;

import static io.keelson.kvstore.watch.HubFixture.watch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowClientTest {
    private final HubFixture fixture = new HubFixture(HubFixture.CONFIG.withWindow(64, 1 << 20));

    @Test
    void aClientThatDoesNotReadIsSentNothingAndOthersEverything() {
        RecordingReceiver slow = new RecordingReceiver();
        RecordingReceiver quick = new RecordingReceiver();
        WatchCreateRequest request = watch("k").build();
        fixture.open(slow).create(request);
        fixture.open(quick).create(request);
        fixture.settle();
        slow.credit(0);
        slow.take();
        WatchValidator validator = new WatchValidator(request);
        for (int i = 0; i < 1_000; i++) {
            fixture.put("k", "v".repeat(1_000));
            fixture.settle();
            quick.take().forEach(validator::accept);
        }
        validator.complete(fixture.log.events(), 1_001);
        assertEquals(0, slow.waiting());
        assertEquals(1, fixture.hub.slowWatchers());
        assertEquals(0, fixture.log.reads(), "nobody reads for a client that does not");
    }

    @Test
    void aClientThatReadsAgainGetsAllItMissed() {
        RecordingReceiver slow = new RecordingReceiver();
        WatchCreateRequest request = watch("k").build();
        WatchStream stream = fixture.open(slow);
        stream.create(request);
        fixture.settle();
        slow.credit(0);
        for (int i = 0; i < 1_000; i++) {
            fixture.put("k", "v" + i);
        }
        fixture.settle();
        WatchValidator validator = new WatchValidator(request);
        while (fixture.hub.slowWatchers() > 0) {
            slow.credit(1);
            stream.ready();
            fixture.settle();
            List<WatchResponse> taken = slow.take();
            assertTrue(taken.size() <= 2, "never more than it has room for");
            taken.forEach(validator::accept);
        }
        validator.complete(fixture.log.events(), 1_001);
    }

    @Test
    void answersToRequestsAreNotAskedForWhileTheClientDoesNotRead() {
        RecordingReceiver slow = new RecordingReceiver();
        WatchStream stream = fixture.open(slow);
        slow.credit(0);
        stream.create(watch("k").build());
        fixture.settle();
        assertEquals(1, slow.waiting());
        assertEquals(0, slow.nexts());
        slow.credit(5);
        stream.ready();
        fixture.settle();
        assertEquals(1, slow.nexts());
    }

    @Test
    void aWatchThatIsBehindACompactionIsToldOnceItCanBe() {
        RecordingReceiver slow = new RecordingReceiver();
        WatchStream stream = fixture.open(slow);
        stream.create(watch("k").build());
        stream.create(watch("idle").build());
        fixture.settle();
        slow.take();
        slow.credit(0);
        for (int i = 0; i < 200; i++) {
            fixture.put("k", "v" + i);
            fixture.settle();
        }
        fixture.compact(150);
        fixture.settle();
        assertEquals(0, slow.waiting());
        slow.credit(10);
        stream.ready();
        fixture.settle();
        WatchResponse seen = slow.take().getFirst();
        assertTrue(seen.getCanceled());
        assertEquals(150, seen.getCompactRevision());
        assertEquals(0, seen.getHeader().getRevision());
        assertEquals(1, fixture.hub.watchers(), "the watch that missed nothing goes on");
    }

    @Test
    void aReceiverThatThrowsLosesItsStreamOnly() {
        RecordingReceiver good = new RecordingReceiver();
        WatchReceiver bad = new WatchReceiver() {
            @Override
            public boolean ready() {
                return true;
            }

            @Override
            public void send(WatchMessage message) {
                if (message.eventCount() > 0) {
                    throw new IllegalStateException("the transport is broken");
                }
            }

            @Override
            public void next() {}

            @Override
            public void closed(EtcdError reason) {
                throw new IllegalStateException("the transport is broken");
            }
        };
        WatchStream broken = fixture.open(bad);
        WatchStream whole = fixture.open(good);
        for (int i = 0; i < 5; i++) {
            broken.create(watch("k").build());
            whole.create(watch("k").build());
        }
        fixture.settle();
        fixture.put("k", "1");
        fixture.put("k", "2");
        fixture.settle();
        assertEquals(10, good.take().size());
        assertEquals(5, fixture.hub.watchers());
        assertEquals(1, fixture.hub.streams());
    }

    @Test
    void aFailingReadEndsTheStreamsItWasFor() {
        HubFixture unlucky = new HubFixture(HubFixture.CONFIG.withWindow(2, 1_000));
        RecordingReceiver behind = new RecordingReceiver();
        RecordingReceiver live = new RecordingReceiver();
        unlucky.open(live).create(watch("k").build());
        for (int i = 0; i < 10; i++) {
            unlucky.put("x", "v");
            unlucky.settle();
        }
        unlucky.open(behind).create(watch("k").setStartRevision(2).build());
        unlucky.step();
        HistoryRead read = (HistoryRead) unlucky.reads.remove();
        assertNotNull(read.failure(), "a read that did not succeed has failed");
        unlucky.hub.dispatcher().post(new DispatchCommand.ReadDone(read));
        unlucky.settle();
        assertEquals(EtcdError.UNHEALTHY, behind.closedWith());
        assertEquals(1, unlucky.hub.streams());
    }

    @Test
    void tenThousandClientsThatComeBackTogetherReadThePastTogether() {
        for (int i = 0; i < 1_000; i++) {
            fixture.put("k" + i % 100, "v" + i);
            fixture.settle();
        }
        Map<RecordingReceiver, WatchValidator> clients = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            WatchCreateRequest request =
                    watch("k" + i % 100).setStartRevision(2 + i % 900).build();
            RecordingReceiver receiver = new RecordingReceiver();
            fixture.open(receiver).create(request);
            clients.put(receiver, new WatchValidator(request));
        }
        fixture.settle();
        List<Event> history = fixture.log.events();
        clients.forEach((receiver, validator) -> {
            receiver.take().forEach(validator::accept);
            validator.complete(history, 1_001);
        });
        assertEquals(0, fixture.hub.slowWatchers());
        assertTrue(fixture.log.reads() < 100, () -> "reads of the past: " + fixture.log.reads());
    }

    @Test
    void manyWatchesOfOneSlowStreamAreServedInTurn() {
        RecordingReceiver slow = new RecordingReceiver();
        WatchStream stream = fixture.open(slow);
        List<WatchCreateRequest> requests = new ArrayList<>();
        Map<Long, WatchValidator> validators = new HashMap<>();
        for (int i = 0; i < 600; i++) {
            WatchCreateRequest request = i % 3 == 0
                    ? watch("k" + i).build()
                    : watch("k" + i % 7, "k" + i % 7 + 5).build();
            requests.add(request);
            stream.create(request);
        }
        fixture.settle();
        for (WatchResponse response : slow.take()) {
            WatchValidator validator = new WatchValidator(requests.get((int) response.getWatchId()));
            validator.accept(response);
            validators.put(response.getWatchId(), validator);
        }
        slow.credit(0);
        for (int i = 0; i < 600; i++) {
            fixture.put("k" + i, "v");
            if (i % 50 == 0) {
                fixture.settle();
            }
        }
        while (fixture.hub.slowWatchers() > 0 || fixture.hub.pendingRevisions() > 0) {
            slow.credit(7);
            stream.ready();
            fixture.settle();
            List<WatchResponse> taken = slow.take();
            assertTrue(taken.size() <= 7);
            for (WatchResponse response : taken) {
                WatchValidator validator = validators.get(response.getWatchId());
                assertNotNull(validator);
                validator.accept(response);
            }
        }
        List<Event> history = fixture.log.events();
        validators.values().forEach(validator -> validator.complete(history, 601));
    }
}
