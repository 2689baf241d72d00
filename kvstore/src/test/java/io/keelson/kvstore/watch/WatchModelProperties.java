package io.keelson.kvstore.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchCreateRequest.FilterType;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random stores, watches, slow clients, compactions and snapshots, step by step, with windows so small that watches fall
 * out of them all the time. Every watch is held against {@link WatchValidator}, all along and in the end.
 */
class WatchModelProperties {
    /** How many revisions ahead a watch begins at most. */
    private static final int FUTURE_MAX = 10;

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void everyWatchSeesWhatHappenedOnceInOrderAndWhole(@ForAll long seed) {
        new Run(seed).play();
    }

    /** A client and what it knows. */
    private static final class Client {
        final RecordingReceiver receiver = new RecordingReceiver();
        final WatchStream stream;
        final Map<Long, WatchValidator> active = new HashMap<>();
        final List<WatchCreateRequest> asked = new ArrayList<>();
        final List<Long> committedWhenAsked = new ArrayList<>();
        final Set<Long> ended = new LinkedHashSet<>();
        int answered;
        int progressAsked;
        int progressAnswered;

        Client(HubFixture fixture) {
            stream = fixture.open(receiver);
        }
    }

    private static final class Run {
        private final long seed;
        private final Random random;
        private final HubFixture fixture;
        private final List<Client> clients = new ArrayList<>();
        private final List<WatchValidator> all = new ArrayList<>();

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.fixture = new HubFixture(HubFixture.CONFIG
                    .withWindow(1 + random.nextInt(40), 300 + random.nextInt(8_000))
                    .withResponseBytesMax(1 + random.nextInt(2_000))
                    .withFragmentBytesMax(60 + random.nextInt(400))
                    .withProgressNotifyIntervalMs(100));
        }

        void play() {
            try {
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    clients.add(new Client(fixture));
                }
                int steps = 300;
                for (int i = 0; i < steps; i++) {
                    step();
                }
                finish();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }

        private void step() {
            Client client = clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> commit();
                case 4, 5 -> create(client);
                case 6 -> cancel(client);
                case 7 -> client.receiver.credit(random.nextInt(3));
                case 8, 9 -> {
                    client.receiver.credit(random.nextInt(4) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(4));
                    client.stream.ready();
                }
                case 10 -> {
                    client.stream.requestProgress();
                    client.progressAsked++;
                }
                case 11 -> {
                    if (random.nextInt(6) == 0) {
                        fixture.compact(1 + random.nextLong(fixture.log.currentRevision()));
                    }
                }
                case 12 -> {
                    if (random.nextInt(8) == 0) {
                        restore();
                    }
                }
                case 13 -> fixture.nowNs += random.nextInt(80) * 1_000_000L;
                case 14, 15 -> {
                    Runnable read = fixture.reads.poll();
                    if (read != null) {
                        read.run();
                    }
                }
                default -> {
                    fixture.step();
                    collect();
                }
            }
        }

        private void commit() {
            List<RevisionEvents> batch = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(4); i++) {
                batch.add(change());
            }
            fixture.commit(batch.toArray(new RevisionEvents[0]));
        }

        private RevisionEvents change() {
            EventLog.Change change = fixture.log.change();
            Set<String> present = fixture.log.keys();
            Set<String> keys = new LinkedHashSet<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                keys.add(key());
            }
            for (String key : keys) {
                if (present.contains(key) && random.nextInt(3) == 0) {
                    change.delete(key);
                } else {
                    change.put(key, "v".repeat(random.nextInt(random.nextInt(10) == 0 ? 400 : 20)));
                }
            }
            return change.done();
        }

        private String key() {
            String alphabet = "abcd";
            StringBuilder key = new StringBuilder();
            for (int i = 0; i <= random.nextInt(2); i++) {
                key.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            return key.toString();
        }

        private void create(Client client) {
            WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(random.nextInt(8) == 0 ? "" : key()))
                    .setPrevKv(random.nextBoolean())
                    .setFragment(random.nextInt(3) == 0)
                    .setProgressNotify(random.nextInt(3) == 0);
            switch (random.nextInt(4)) {
                case 0 -> request.setRangeEnd(ByteString.copyFrom(new byte[1]));
                case 1 -> request.setRangeEnd(ByteString.copyFromUtf8(key()));
                case 2 -> request.setRangeEnd(ByteString.copyFromUtf8("d"));
                default -> {}
            }
            long current = fixture.log.currentRevision();
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> request.setStartRevision(1 + random.nextLong(current));
                case 3 -> request.setStartRevision(current + random.nextInt(FUTURE_MAX));
                case 4 -> request.setStartRevision(random.nextInt(20) == 0 ? -1 : Math.max(1, current - 5));
                default -> {}
            }
            if (random.nextInt(6) == 0) {
                request.addFilters(random.nextBoolean() ? FilterType.NOPUT : FilterType.NODELETE);
            }
            if (random.nextInt(4) == 0) {
                request.setWatchId(1 + random.nextInt(8));
            }
            client.asked.add(request.build());
            client.committedWhenAsked.add(current);
            client.stream.create(request.build());
        }

        private void cancel(Client client) {
            if (client.active.isEmpty()) {
                client.stream.cancel(777);
                return;
            }
            List<Long> ids = List.copyOf(client.active.keySet());
            client.stream.cancel(ids.get(random.nextInt(ids.size())));
        }

        /** A member that was away gets the state from another one; what happened meanwhile was never handed over. */
        private void restore() {
            for (int i = 0; i < random.nextInt(30); i++) {
                RevisionEvents unseen = change();
                assertEquals(fixture.log.currentRevision(), unseen.revision());
            }
            fixture.hub.restored(fixture.log.currentRevision());
        }

        private void collect() {
            for (Client client : clients) {
                for (WatchResponse response : client.receiver.take()) {
                    receive(client, response);
                }
            }
        }

        private void receive(Client client, WatchResponse response) {
            long id = response.getWatchId();
            assertEquals(HubFixture.ORIGIN.clusterId(), response.getHeader().getClusterId());
            assertEquals(HubFixture.ORIGIN.memberId(), response.getHeader().getMemberId());
            assertEquals(7, response.getHeader().getRaftTerm());
            if (response.getCreated()) {
                WatchCreateRequest request = client.asked.get(client.answered);
                long committed = client.committedWhenAsked.get(client.answered);
                client.answered++;
                assertTrue(response.getHeader().getRevision() >= committed, "a watch starts after what was committed");
                if (response.getCanceled()) {
                    assertEquals(WatchMessage.NO_WATCH, id);
                    return;
                }
                assertTrue(request.getWatchId() == 0 || request.getWatchId() == id, "the client's choice of id");
                WatchValidator validator = new WatchValidator(request);
                WatchValidator before = client.active.put(id, validator);
                assertTrue(before == null, "id " + id + " is used twice");
                all.add(validator);
                validator.accept(response);
                return;
            }
            if (id == WatchMessage.NO_WATCH) {
                client.progressAnswered++;
                assertEquals(0, response.getEventsCount());
                client.active.values().forEach(validator -> validator.accept(response));
                return;
            }
            WatchValidator validator = client.active.get(id);
            if (validator == null) {
                // A client may cancel what compaction has just ended, and is told so.
                assertTrue(response.getCanceled() && client.ended.remove(id), () -> "for no watch: " + response);
                return;
            }
            validator.accept(response);
            if (response.getCanceled()) {
                client.active.remove(id);
                if (response.getCompactRevision() != 0) {
                    client.ended.add(id);
                }
            }
        }

        private void finish() {
            // A stream with a watch that begins in the future gets no progress: let the future come.
            for (int i = 0; i < FUTURE_MAX; i++) {
                fixture.put("future", "v");
            }
            for (Client client : clients) {
                client.receiver.credit(Integer.MAX_VALUE);
                client.stream.ready();
                client.stream.requestProgress();
                client.progressAsked++;
            }
            fixture.settle();
            collect();
            long current = fixture.log.currentRevision();
            List<Event> history = fixture.log.events();
            for (WatchValidator validator : all) {
                validator.complete(history, current);
            }
            int watches = 0;
            for (Client client : clients) {
                assertEquals(client.asked.size(), client.answered, "every creation is answered");
                assertTrue(client.progressAnswered <= client.progressAsked, "no answer without a question");
                if (!client.active.isEmpty()) {
                    assertTrue(client.progressAnswered > 0, "a progress request is answered in the end");
                    client.active.values().forEach(validator -> assertEquals(current, validator.closedRevision()));
                }
                watches += client.active.size();
            }
            assertEquals(watches, fixture.hub.watchers());
            assertEquals(0, fixture.hub.slowWatchers());
            assertEquals(0, fixture.hub.pendingRevisions());
            clients.forEach(client -> client.stream.close());
            fixture.settle();
            assertEquals(0, fixture.hub.watchers());
            assertEquals(0, fixture.hub.streams());
        }
    }
}
