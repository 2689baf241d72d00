package io.keelson.kvstore.watch;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** A hub without threads or clock: the test says what happens when. */
final class HubFixture {
    static final ResponseOrigin ORIGIN = new ResponseOrigin(0xCAFE_F00D_0000_0001L, 0xBEEF_0000_0000_0002L, () -> 7);
    static final WatchConfig CONFIG = WatchConfig.defaults().withCoalesceMicrosMax(0);

    final EventLog log = new EventLog();
    final Queue<Runnable> reads = new ArrayDeque<>();
    final WatchHub hub;
    long nowNs = 1_000_000;

    HubFixture(WatchConfig config) {
        hub = new WatchHub(log, config, ORIGIN, reads::add, () -> nowNs);
    }

    HubFixture() {
        this(CONFIG);
    }

    /** One step of the dispatcher; returns whether there is more to do at once. */
    boolean step() {
        return hub.dispatcher().doWork(nowNs) == 0;
    }

    /** Goes on until nothing is left to do. */
    void settle() {
        for (int i = 0; i < 100_000; i++) {
            boolean more = step();
            Runnable read = reads.poll();
            if (read != null) {
                read.run();
            } else if (!more) {
                return;
            }
        }
        throw new AssertionError("the dispatcher does not come to rest");
    }

    void commit(RevisionEvents... batch) {
        hub.committed(List.of(batch));
    }

    void put(String key, String value) {
        commit(log.put(key, value));
    }

    void compact(long revision) {
        log.compact(revision);
        hub.compacted(log.compactRevision());
    }

    WatchStream open(WatchReceiver receiver) {
        return hub.open(receiver, WatchAuthorizer.OPEN, false);
    }

    static WatchCreateRequest.Builder watch(String key) {
        return WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
    }

    static WatchCreateRequest.Builder watch(String key, String end) {
        return watch(key).setRangeEnd(ByteString.copyFromUtf8(end));
    }
}
