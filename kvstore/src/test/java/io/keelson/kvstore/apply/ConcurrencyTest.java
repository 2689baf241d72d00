package io.keelson.kvstore.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers, the apply thread, snapshots, restores and compactions at the same time. */
class ConcurrencyTest {
    private static final int KEYS = 10;
    private static final int ROUNDS = 600;

    @TempDir
    Path temp;

    private static TxnRequest setAll(int round) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < KEYS; i++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("k" + i))
                            .setValue(ByteString.copyFromUtf8("round-" + round + "-" + "x".repeat(500)))));
        }
        return txn.build();
    }

    @Test
    void readersSeeWholeRevisionsOnlyAndNeverAnEarlierOneAgain() throws Exception {
        try (TestMember member = new TestMember(temp.resolve("member"), 100, 0, 1 << 20)) {
            member.apply(setAll(0));
            AtomicBoolean done = new AtomicBoolean();
            AtomicLong reads = new AtomicLong();
            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                boolean past = i == 2;
                readers.add(CompletableFuture.runAsync(
                        () -> readUntil(member, done, reads, past),
                        task -> Thread.ofPlatform().start(task)));
            }
            CompletableFuture<Void> snapshots = CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; !done.get(); i++) {
                            try {
                                Path snapshot = temp.resolve("snapshot-" + i);
                                member.machine().saveSnapshot(snapshot);
                                try (TestMember other = new TestMember(temp.resolve("other-" + i))) {
                                    other.machine().restore(snapshot);
                                    checkWhole(other.range("k", "l", 0));
                                }
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                    },
                    task -> Thread.ofPlatform().start(task));
            for (int round = 1; round <= ROUNDS; round++) {
                assertNull(member.apply(setAll(round)).error());
                if (round % 50 == 0) {
                    member.compact(member.store().currentRevision() - 20);
                }
                if (round % 250 == 0) {
                    Path snapshot = temp.resolve("own-" + round);
                    member.machine().saveSnapshot(snapshot);
                    member.machine().restore(snapshot);
                }
            }
            done.set(true);
            for (CompletableFuture<Void> reader : readers) {
                reader.get(30, TimeUnit.SECONDS);
            }
            snapshots.get(30, TimeUnit.SECONDS);
            assertTrue(reads.get() > 0);
            member.awaitCompacted();
            assertEquals(ROUNDS + 2, member.store().currentRevision());
        }
    }

    private static void readUntil(TestMember member, AtomicBoolean done, AtomicLong reads, boolean past) {
        long last = 0;
        while (!done.get()) {
            long at = past ? Math.max(2, member.store().currentRevision() - 5) : 0;
            RangeResponse response;
            try {
                response = member.range("k", "l", at);
            } catch (EtcdException e) {
                assertEquals(EtcdError.COMPACTED, e.error());
                continue;
            }
            checkWhole(response);
            long revision = response.getHeader().getRevision();
            assertTrue(revision >= last, revision + " after " + last);
            last = revision;
            if (past) {
                assertEquals(at, response.getKvs(0).getModRevision());
            } else {
                assertEquals(revision, response.getKvs(0).getModRevision());
                var single = member.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k3"))
                        .build());
                assertEquals(single.getHeader().getRevision(), single.getKvs(0).getModRevision());
            }
            reads.incrementAndGet();
        }
    }

    private static void checkWhole(RangeResponse response) {
        assertEquals(KEYS, response.getCount());
        assertEquals(
                1,
                response.getKvsList().stream()
                        .map(kv -> kv.getValue())
                        .distinct()
                        .count());
    }
}
