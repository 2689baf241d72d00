package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What was committed, change by change, as members that are well tell it to a watch of everything. From it, the hash is
 * computed that a member must have at any revision, whatever others have compacted meanwhile.
 *
 * <p>Also what was asked for besides: an image may hold what is not done yet, and nothing else.
 */
final class Chronicle implements AutoCloseable {
    private static final ByteString ALL = ByteString.copyFrom(new byte[1]);
    private static final long NOT_ENDED = Long.MAX_VALUE;
    private static final long RETRY_MS = 50;

    /**
     * A change of a key.
     *
     * @param record all of the version but its key, as members keep it; null for a deletion
     */
    private record Change(long revision, int sub, byte @Nullable [] record) {
        long endedAt(@Nullable Change younger) {
            return younger == null ? NOT_ENDED : younger.revision;
        }
    }

    private final List<Channel> members;
    private final Thread thread;
    /** Of each key its changes, the oldest first. */
    private final NavigableMap<ByteString, List<Change>> changesByKey =
            new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    private final Set<Long> compactions = ConcurrentHashMap.newKeySet();
    private final Set<String> learnerUrls = ConcurrentHashMap.newKeySet();
    private long revision = 1;
    private long forgotten = -1;
    private volatile boolean closed;

    /** Begins with the first change. Each of the members may end and come back: another one is asked then. */
    Chronicle(List<Channel> members) {
        this.members = members;
        thread = Thread.ofVirtual().name("chronicle").start(this::follow);
    }

    private void follow() {
        try {
            for (int asked = 0; !closed; asked++) {
                watch(members.get(asked % members.size()));
                Thread.sleep(RETRY_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Follows what a member tells until it tells no more. */
    private void watch(Channel member) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        StreamObserver<WatchRequest> requests = WatchGrpc.newStub(member).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                add(response.getEventsList());
                if (response.getCanceled()) {
                    over.countDown();
                }
            }

            @Override
            public void onError(Throwable error) {
                over.countDown();
            }

            @Override
            public void onCompleted() {
                over.countDown();
            }
        });
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ALL)
                        .setRangeEnd(ALL)
                        .setStartRevision(revision() + 1))
                .build());
        try {
            over.await();
        } finally {
            requests.onError(Status.CANCELLED.asRuntimeException());
        }
    }

    /** Adds changes, in their order; those that are known are left out. All of one revision come together. */
    synchronized void add(List<Event> events) {
        long known = revision;
        int sub = 0;
        for (Event event : events) {
            KeyValue kv = event.getKv();
            if (kv.getModRevision() <= known) {
                continue;
            }
            sub = kv.getModRevision() == revision ? sub + 1 : 0;
            revision = kv.getModRevision();
            changesByKey
                    .computeIfAbsent(kv.getKey(), _ -> new ArrayList<>())
                    .add(new Change(revision, sub, event.getType() == Event.EventType.DELETE ? null : record(kv)));
        }
        notifyAll();
    }

    /** The fields but the key, the value last: how members keep a version, and so what their hash is of. */
    private static byte[] record(KeyValue kv) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeInt64(KeyValue.CREATE_REVISION_FIELD_NUMBER, kv.getCreateRevision());
            out.writeInt64(KeyValue.MOD_REVISION_FIELD_NUMBER, kv.getModRevision());
            out.writeInt64(KeyValue.VERSION_FIELD_NUMBER, kv.getVersion());
            if (kv.getLease() != 0) {
                out.writeInt64(KeyValue.LEASE_FIELD_NUMBER, kv.getLease());
            }
            if (!kv.getValue().isEmpty()) {
                out.writeBytes(KeyValue.VALUE_FIELD_NUMBER, kv.getValue());
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The last revision that was told. */
    synchronized long revision() {
        return revision;
    }

    /** Waits until a revision was told; returns whether it was. */
    synchronized boolean await(long wanted, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (revision < wanted) {
            long leftMs = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            wait(leftMs);
        }
        return true;
    }

    /**
     * The hash that a member has at a revision.
     *
     * @param at a revision that was told
     * @param compacted the member's compacted revision, which is not before what was forgotten
     */
    synchronized int hash(long at, long compacted) {
        if (at > revision || compacted < forgotten) {
            throw new IllegalArgumentException("revision " + at + " compacted at " + compacted
                    + " cannot be told; known is from " + forgotten + " to " + revision);
        }
        CRC32C crc = new CRC32C();
        ByteBuffer front = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + Integer.BYTES);
        changesByKey.forEach((key, changes) -> {
            Change younger = null;
            for (Change change : changes.reversed()) {
                if (belongs(change, younger, at, compacted)) {
                    front.clear();
                    front.putInt(key.size())
                            .putLong(change.revision)
                            .putInt(change.sub)
                            .flip();
                    crc.update(front);
                    crc.update(key.asReadOnlyByteBuffer());
                    if (change.record != null) {
                        crc.update(change.record);
                    }
                }
                younger = change;
            }
        });
        return (int) crc.getValue();
    }

    private static boolean belongs(Change change, @Nullable Change younger, long at, long compacted) {
        return change.revision <= at
                && (change.record == null ? change.revision >= compacted : change.endedAt(younger) > compacted);
    }

    /** Forgets what a compaction made unreadable: no member that was compacted less will be asked about any more. */
    synchronized void forget(long compacted) {
        if (compacted <= forgotten) {
            return;
        }
        forgotten = compacted;
        for (List<Change> changes : changesByKey.values()) {
            for (int i = changes.size() - 1; i >= 0; i--) {
                Change younger = i + 1 < changes.size() ? changes.get(i + 1) : null;
                if (!belongs(changes.get(i), younger, Long.MAX_VALUE, compacted)) {
                    // All that is older has ended before.
                    changes.subList(0, i + 1).clear();
                    break;
                }
            }
        }
        changesByKey.values().removeIf(List::isEmpty);
    }

    /** A compaction is about to be asked for. */
    void compacts(long compacted) {
        compactions.add(compacted);
    }

    /** The compactions that were asked for. */
    Set<Long> compactions() {
        return compactions;
    }

    /** A learner with this URL is about to be asked for. */
    void learns(String peerUrl) {
        learnerUrls.add(peerUrl);
    }

    /** The URLs of learners that were asked for. */
    Set<String> learnerUrls() {
        return learnerUrls;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
