package io.keelson.kvstore.watch;

import static io.keelson.kvstore.watch.HubFixture.watch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event.EventType;
import io.keelson.kvstore.api.WatchCreateRequest.FilterType;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.KeyRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a client of the protocol sees, answer by answer. The expected answers are those of an etcd 3.5.30 that was sent the
 * same requests.
 */
class WatchProtocolTest {
    private final HubFixture fixture = new HubFixture();
    private final RecordingReceiver client = new RecordingReceiver();
    private final WatchStream stream = fixture.open(client);

    private List<WatchResponse> answers() {
        fixture.settle();
        return client.take();
    }

    private WatchResponse answer() {
        List<WatchResponse> answers = answers();
        assertEquals(1, answers.size(), answers::toString);
        return answers.getFirst();
    }

    private static WatchResponse.Builder response(long revision, long id) {
        return WatchResponse.newBuilder()
                .setWatchId(id)
                .setHeader(io.keelson.kvstore.api.ResponseHeader.newBuilder()
                        .setClusterId(HubFixture.ORIGIN.clusterId())
                        .setMemberId(HubFixture.ORIGIN.memberId())
                        .setRevision(revision)
                        .setRaftTerm(7));
    }

    private static WatchResponse refused(long revision, String reason) {
        return response(revision, -1)
                .setCreated(true)
                .setCanceled(true)
                .setCancelReason(reason)
                .build();
    }

    @Test
    void idsCountFromZeroAndSkipTheOnesTheClientChose() {
        stream.create(watch("k").build());
        stream.create(watch("k").build());
        stream.create(watch("k").setWatchId(1).build());
        stream.create(watch("k").setWatchId(2).build());
        stream.create(watch("k").setWatchId(-1).build());
        stream.create(watch("k").build());
        assertEquals(
                List.of(
                        response(1, 0).setCreated(true).build(),
                        response(1, 1).setCreated(true).build(),
                        refused(1, "mvcc: duplicate watch ID provided on the WatchStream"),
                        response(1, 2).setCreated(true).build(),
                        response(1, -1).setCreated(true).build(),
                        response(1, 3).setCreated(true).build()),
                answers());
    }

    @Test
    void aCanceledIdIsFreeAgainAndAnUnknownOneIsNotAnswered() {
        stream.create(watch("k").setWatchId(5).build());
        stream.cancel(5);
        stream.cancel(5);
        stream.cancel(99);
        stream.create(watch("k").setWatchId(5).build());
        assertEquals(
                List.of(
                        response(1, 5).setCreated(true).build(),
                        response(1, 5).setCanceled(true).build(),
                        response(1, 5).setCreated(true).build()),
                answers());
        assertEquals(5, client.nexts());
    }

    @Test
    void rangesThatCannotHoldAKeyAreRefused() {
        stream.create(watch("k", "k").build());
        stream.create(watch("k", "a").build());
        assertEquals(
                List.of(refused(1, "mvcc: watcher range is empty"), refused(1, "mvcc: watcher range is empty")),
                answers());
        assertEquals(0, fixture.hub.watchers());
    }

    @Test
    void aNegativeStartRevisionIsRefusedBeforeAnythingElse() {
        stream.create(watch("k", "a").setStartRevision(-3).build());
        assertEquals(refused(1, "etcdserver: mvcc: required revision has been compacted"), answer());
    }

    @Test
    void anEmptyKeyIsTheSmallestKeyAndAnEndOfZeroIsTheEndOfAll() {
        stream.create(watch("").build());
        stream.create(watch("").setRangeEnd(ByteString.copyFrom(new byte[1])).build());
        stream.create(watch("b").setRangeEnd(ByteString.copyFrom(new byte[1])).build());
        answers();
        fixture.put("a", "1");
        assertEquals(1, answer().getWatchId());
        fixture.put("\0", "1");
        assertEquals(
                List.of(0L, 1L),
                answers().stream().map(WatchResponse::getWatchId).sorted().toList());
        fixture.put("zz", "1");
        assertEquals(
                List.of(1L, 2L),
                answers().stream().map(WatchResponse::getWatchId).sorted().toList());
    }

    @Test
    void aWatchFromNowSeesOnlyWhatIsCommittedAfterIt() {
        fixture.put("k", "before");
        stream.create(watch("k").build());
        fixture.step();
        assertEquals(response(2, 0).setCreated(true).build(), client.take().getFirst());
        fixture.put("k", "after");
        WatchResponse seen = answer();
        assertEquals(3, seen.getHeader().getRevision());
        assertEquals("after", seen.getEvents(0).getKv().getValue().toStringUtf8());
    }

    @Test
    void aWatchFromNowDoesNotSeeWhatWasCommittedButNotYetDispatched() {
        fixture.put("k", "before");
        stream.create(watch("k").build());
        fixture.settle();
        fixture.put("k", "after");
        List<WatchResponse> seen = answers();
        assertEquals(2, seen.size());
        assertEquals("after", seen.get(1).getEvents(0).getKv().getValue().toStringUtf8());
    }

    @Test
    void aWatchFromThePastCatchesUpInOneResponseWithTheRevisionItReached() {
        fixture.put("k", "1");
        fixture.put("x", "1");
        fixture.put("k", "2");
        fixture.put("x", "2");
        fixture.settle();
        stream.create(watch("k").setStartRevision(2).build());
        List<WatchResponse> seen = answers();
        assertEquals(response(5, 0).setCreated(true).build(), seen.get(0));
        assertEquals(5, seen.get(1).getHeader().getRevision());
        assertEquals(2, seen.get(1).getEventsCount());
        assertEquals(2, seen.size());
    }

    @Test
    void aWatchFromTheFutureWaitsForIt() {
        stream.create(watch("k").setStartRevision(4).build());
        fixture.settle();
        for (int i = 2; i <= 5; i++) {
            fixture.put("k", "v" + i);
            fixture.settle();
        }
        List<WatchResponse> seen = answers();
        assertEquals(response(1, 0).setCreated(true).build(), seen.get(0));
        assertEquals(4, seen.get(1).getHeader().getRevision());
        assertEquals(5, seen.get(2).getHeader().getRevision());
        assertEquals(3, seen.size());
    }

    @Test
    void previousValuesComeIfAskedForAndADeletionHasOnlyKeyAndRevision() {
        stream.create(watch("k").setPrevKv(true).build());
        stream.create(watch("k").build());
        fixture.settle();
        fixture.put("k", "1");
        fixture.commit(fixture.log.change().delete("k").done());
        List<WatchResponse> seen = answers();
        for (WatchResponse response : seen.subList(2, 4)) {
            boolean previous = response.getWatchId() == 0;
            assertEquals(2, response.getEventsCount());
            assertFalse(response.getEvents(0).hasPrevKv());
            assertEquals(EventType.DELETE, response.getEvents(1).getType());
            assertEquals(3, response.getEvents(1).getKv().getModRevision());
            assertEquals(0, response.getEvents(1).getKv().getCreateRevision());
            assertEquals(previous, response.getEvents(1).hasPrevKv());
            if (previous) {
                assertEquals("1", response.getEvents(1).getPrevKv().getValue().toStringUtf8());
                assertEquals("k", response.getEvents(1).getPrevKv().getKey().toStringUtf8());
            }
        }
    }

    @Test
    void filtersLeaveOutWhatIsNotWanted() {
        stream.create(watch("k").addFilters(FilterType.NOPUT).build());
        stream.create(watch("k").addFilters(FilterType.NODELETE).build());
        stream.create(watch("k")
                .addFilters(FilterType.NODELETE)
                .addFilters(FilterType.NOPUT)
                .build());
        answers();
        fixture.put("k", "1");
        assertEquals(1, answer().getWatchId());
        fixture.commit(fixture.log.change().delete("k").done());
        assertEquals(0, answer().getWatchId());
    }

    @Test
    void whatWasCompactedIsRefusedThoughTheDispatcherIsNotAsFarYet() {
        for (int i = 2; i <= 5; i++) {
            fixture.put("k", Integer.toString(i));
        }
        fixture.compact(5);
        stream.create(watch("k").setWatchId(5).setStartRevision(4).build());
        List<WatchResponse> seen = answers();
        assertTrue(seen.getFirst().getCreated());
        assertEquals(response(0, 5).setCanceled(true).setCompactRevision(5).build(), seen.get(1));
        assertEquals(2, seen.size());
    }

    @Test
    void aCompactedStartRevisionEndsTheWatchAfterItsCreation() {
        for (int i = 0; i < 8; i++) {
            fixture.put("k", "v" + i);
        }
        fixture.settle();
        fixture.compact(4);
        stream.create(watch("k").setStartRevision(3).setWatchId(5).build());
        List<WatchResponse> seen = answers();
        assertEquals(response(9, 5).setCreated(true).build(), seen.get(0));
        assertEquals(response(0, 5).setCanceled(true).setCompactRevision(4).build(), seen.get(1));

        stream.create(watch("k").setWatchId(5).build());
        assertEquals(refused(9, "mvcc: duplicate watch ID provided on the WatchStream"), answer());
        stream.cancel(5);
        assertEquals(response(9, 5).setCanceled(true).build(), answer());
        stream.create(watch("k").setWatchId(5).setStartRevision(4).build());
        assertEquals(6, answers().get(1).getEventsCount());
    }

    @Test
    void aProgressRequestIsAnsweredForTheWholeStream() {
        stream.requestProgress();
        assertEquals(List.of(), answers());
        stream.create(watch("k").build());
        stream.create(watch("k").setStartRevision(2).build());
        answers();
        fixture.put("x", "1");
        stream.requestProgress();
        assertEquals(response(2, -1).build(), answer());
    }

    @Test
    void aProgressRequestIsNotAnsweredWhileAWatchBeginsInTheFuture() {
        stream.create(watch("k").setWatchId(7).setStartRevision(500).build());
        answers();
        fixture.put("x", "1");
        stream.requestProgress();
        assertEquals(List.of(), answers());
        stream.cancel(7);
        stream.create(watch("k").build());
        answers();
        assertEquals(List.of(), answers(), "what was not answered is not made up for");
        stream.requestProgress();
        assertEquals(response(2, -1).build(), answer());
    }

    @Test
    void aProgressRequestWaitsUntilAllWatchesOfTheStreamAreUpToDate() {
        HubFixture small = new HubFixture(HubFixture.CONFIG.withWindow(2, 1_000));
        RecordingReceiver receiver = new RecordingReceiver();
        WatchStream behind = small.open(receiver);
        for (int i = 0; i < 20; i++) {
            small.put("k", "v");
        }
        small.step();
        behind.create(watch("k").setStartRevision(2).build());
        behind.create(watch("k").build());
        behind.requestProgress();
        behind.requestProgress();
        for (int i = 0; i < 10; i++) {
            small.step();
        }
        assertEquals(2, receiver.take().size(), "created twice, and nothing else while a read is under way");
        small.settle();
        List<WatchResponse> seen = receiver.take();
        assertEquals(20, seen.getFirst().getEventsCount());
        assertEquals(response(21, -1).build(), seen.get(1));
        assertEquals(2, seen.size(), "requests that wait share the answer");
    }

    @Test
    void idleWatchesThatAskForItAreToldHowFarTheyAre() {
        long intervalNs = HubFixture.CONFIG.progressNotifyIntervalMs() * 1_000_000;
        stream.create(watch("k").setProgressNotify(true).build());
        stream.create(watch("k").build());
        stream.create(watch("x").setProgressNotify(true).build());
        answers();
        fixture.put("x", "1");
        answers();
        fixture.nowNs += intervalNs - 1;
        assertEquals(List.of(), answers());
        fixture.nowNs += intervalNs / 10 + 1;
        assertEquals(response(2, 0).build(), answer());
        fixture.nowNs += intervalNs + intervalNs / 10;
        assertEquals(
                List.of(response(2, 0).build(), response(2, 2).build()),
                answers(),
                "a watch that was sent events is passed over once");
    }

    @Test
    void aResponseTooLargeIsSplitForWhoAskedForFragments() {
        HubFixture small = new HubFixture(HubFixture.CONFIG.withFragmentBytesMax(1_000));
        RecordingReceiver receiver = new RecordingReceiver();
        WatchStream split = small.open(receiver);
        split.create(watch("k", "l").setFragment(true).build());
        split.create(watch("k", "l").build());
        small.settle();
        receiver.take();
        EventLog.Change change = small.log.change();
        for (int i = 0; i < 10; i++) {
            change.put("k" + i, "v".repeat(i == 5 ? 2_000 : 300));
        }
        small.commit(change.done());
        small.settle();
        List<WatchResponse> seen = new ArrayList<>(receiver.take());
        WatchResponse whole =
                seen.stream().filter(r -> r.getWatchId() == 1).findFirst().orElseThrow();
        assertEquals(10, whole.getEventsCount());
        seen.remove(whole);
        List<Integer> counts = seen.stream().map(WatchResponse::getEventsCount).toList();
        assertEquals(List.of(3, 2, 1, 3, 1), counts);
        for (WatchResponse part : seen) {
            assertEquals(!part.equals(seen.getLast()), part.getFragment());
            assertTrue(part.getSerializedSize() < 1_000 || part.getEventsCount() == 1);
            assertEquals(whole.getHeader(), part.getHeader());
        }
    }

    @Test
    void revisionsThatWaitTogetherComeInOneResponse() {
        stream.create(watch("k").build());
        answers();
        fixture.commit(fixture.log.put("k", "1"), fixture.log.put("x", "1"), fixture.log.put("k", "2"));
        WatchResponse seen = answer();
        assertEquals(2, seen.getEventsCount());
        assertEquals(4, seen.getHeader().getRevision());
    }

    @Test
    void aRequestThatAsksForNothingIsPassedOver() {
        stream.handle(WatchRequest.getDefaultInstance());
        assertEquals(List.of(), answers());
        assertEquals(1, client.nexts());
    }

    @Test
    void watchesBeyondTheLimitsAreRefused() {
        HubFixture small = new HubFixture(HubFixture.CONFIG.withLimits(2, 3, 2));
        RecordingReceiver receiver = new RecordingReceiver();
        WatchStream first = small.open(receiver);
        WatchStream second = small.open(receiver);
        assertEquals(
                EtcdError.TOO_MANY_REQUESTS,
                assertThrows(EtcdException.class, () -> small.open(receiver)).error());
        for (int i = 0; i < 3; i++) {
            first.create(watch("k").build());
        }
        small.settle();
        assertEquals(
                "etcdserver: too many watches on the stream",
                receiver.take().get(2).getCancelReason());
        second.create(watch("k").build());
        second.create(watch("k").build());
        small.settle();
        assertEquals("etcdserver: too many watches", receiver.take().get(1).getCancelReason());
        first.close();
        second.create(watch("k").build());
        small.settle();
        assertFalse(receiver.take().getFirst().getCanceled());
    }

    @Test
    void requestsThatPileUpAreRefused() {
        for (int i = 0; i < WatchStream.REQUESTS_WAITING_MAX; i++) {
            stream.requestProgress();
        }
        assertEquals(
                EtcdError.TOO_MANY_REQUESTS,
                assertThrows(EtcdException.class, stream::requestProgress).error());
    }

    /** Lets its client watch what begins with "a", while {@code open}. */
    private static final class PrefixAuthorizer implements WatchAuthorizer {
        private final List<KeyRange> asked = new ArrayList<>();
        private boolean open = true;

        @Override
        public @Nullable EtcdError refusal(KeyRange range) {
            asked.add(range);
            return new KeyRange(bytes("a"), bytes("b"), false).contains(range) ? null : EtcdError.PERMISSION_DENIED;
        }

        @Override
        public @Nullable EtcdError revocation(KeyRange range) {
            return open ? null : EtcdError.PERMISSION_DENIED;
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    @Test
    void aWatchNeedsPermissionForItsWholeRange() {
        PrefixAuthorizer authorizer = new PrefixAuthorizer();
        WatchStream limited = fixture.hub.open(client, authorizer, false);
        limited.create(watch("a1").build());
        limited.create(watch("a", "b").build());
        limited.create(watch("a", "c").build());
        limited.create(watch("a").setRangeEnd(ByteString.copyFrom(new byte[1])).build());
        String denied = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
        assertEquals(
                List.of(
                        response(1, 0).setCreated(true).build(),
                        response(1, 1).setCreated(true).build(),
                        refused(1, denied),
                        refused(1, denied)),
                answers());
        assertTrue(authorizer.asked.get(3).to() == null, "an open end is an open end, not a single key");
        assertTrue(Arrays.equals(new byte[] {'c'}, authorizer.asked.get(2).to()));
    }

    @Test
    void noEventIsSentThatWasCommittedAfterThePermissionWasTaken() {
        PrefixAuthorizer authorizer = new PrefixAuthorizer();
        WatchStream limited = fixture.hub.open(client, authorizer, false);
        limited.create(watch("a").build());
        fixture.settle();
        client.take();
        fixture.put("a", "may be seen");
        fixture.settle();
        authorizer.open = false;
        fixture.hub.authorizationChanged();
        fixture.put("a", "secret");
        List<WatchResponse> seen = answers();
        assertEquals(2, seen.size());
        assertEquals("may be seen", seen.get(0).getEvents(0).getKv().getValue().toStringUtf8());
        assertTrue(seen.get(1).getCanceled());
        assertEquals(
                "rpc error: code = PermissionDenied desc = etcdserver: permission denied",
                seen.get(1).getCancelReason());
        assertEquals(0, fixture.hub.watchers());
    }

    @Test
    void anAuthorizerThatFailsCostsItsStreamOnly() {
        RecordingReceiver other = new RecordingReceiver();
        WatchAuthorizer failing = new WatchAuthorizer() {
            @Override
            public @Nullable EtcdError refusal(KeyRange range) {
                throw new IllegalStateException("out of order");
            }

            @Override
            public @Nullable EtcdError revocation(KeyRange range) {
                return null;
            }
        };
        fixture.hub.open(other, failing, false).create(watch("k").build());
        stream.create(watch("k").build());
        assertTrue(answer().getCreated());
        assertEquals(EtcdError.UNHEALTHY, other.closedWith());
    }

    @Test
    void onlyStreamsThatRequireALeaderEndWithoutOne() {
        RecordingReceiver other = new RecordingReceiver();
        fixture.hub.open(other, WatchAuthorizer.OPEN, true).create(watch("k").build());
        stream.create(watch("k").build());
        answers();
        fixture.hub.leaderLost();
        fixture.put("k", "1");
        assertEquals(1, answer().getEventsCount());
        assertEquals(EtcdError.NO_LEADER, other.closedWith());
        assertEquals(1, other.take().size());
    }

    @Test
    void aStoreThatGoesBackEndsAllStreams() {
        for (int i = 0; i < 5; i++) {
            fixture.put("k", "v");
        }
        stream.create(watch("k").build());
        answers();
        fixture.hub.restored(3);
        fixture.settle();
        assertEquals(EtcdError.UNHEALTHY, client.closedWith());
        assertEquals(0, fixture.hub.streams());
    }
}
