package io.keelson.kvstore.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.KvStateMachine;
import io.keelson.kvstore.apply.TestBatch;
import io.keelson.kvstore.apply.TestMember;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.CompactionListener;
import io.keelson.kvstore.mvcc.MvccWriter;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases together with key-values, as a member applies and stores them. Cluster time is the index of the entry. */
final class LeasesOnDiskTest {
    @TempDir
    Path folder = Path.of("");

    private @Nullable Member opened;

    private Member member() throws IOException {
        if (opened == null) {
            opened = new Member(folder.resolve("member"));
        }
        return opened;
    }

    private static final class Member implements AutoCloseable {
        final TestMember.Sink sink = new TestMember.Sink();
        final Database database;
        final LeaseStore leases;
        final LeaseKeys keys;
        final KvStateMachine machine;

        Member(Path folder) throws IOException {
            database = Database.open(folder, TestMember.CONFIG);
            leases = new LeaseStore(database::session);
            keys = new StoredLeaseKeys(database);
            CompactionListener nothing = new CompactionListener() {
                @Override
                public void compacted(long revision) {}

                @Override
                public void restored(long compactRevision) {}
            };
            machine = new KvStateMachine(database, leases, sink, nothing, TestMember.CONFIG.batchBytesMax(), 1 << 20);
            for (CommandKind kind : List.of(
                    CommandKind.LEASE_GRANT,
                    CommandKind.LEASE_REVOKE,
                    CommandKind.LEASE_RENEW,
                    CommandKind.LEASE_EXPIRE)) {
                machine.handler(kind, leases);
            }
            machine.reload();
        }

        ApplyResult apply(long index, Command command) {
            TestBatch batch = new TestBatch(List.of(new TestBatch.Entry(index, List.of(command.encode()))), true);
            machine.apply(batch);
            ApplyResult result = batch.result(0);
            if (result == null) {
                throw new AssertionError("no result");
            }
            return result;
        }

        List<String> attached(long leaseId, String from) {
            List<String> found = new ArrayList<>();
            keys.visit(leaseId, from.getBytes(UTF_8), key -> found.add(new String(key, UTF_8)));
            return found;
        }

        @Override
        public void close() {
            database.close();
        }
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }

    private static PutRequest put(String key, long leaseId) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setLease(leaseId)
                .build();
    }

    private static Command command(PutRequest put) {
        return Command.of(CommandKind.PUT, put.toByteArray());
    }

    @Test
    void keysAreAttachedMovedAndDetached() throws IOException {
        member().apply(1, LeaseCommands.grant(7, 60));
        member().apply(2, LeaseCommands.grant(8, 60));
        member().apply(3, command(put("a", 7)));
        member().apply(4, command(put("b", 7)));
        member().apply(5, command(put("c", 7)));
        assertEquals(List.of("a", "b", "c"), member().attached(7, ""));
        assertEquals(List.of("b", "c"), member().attached(7, "a\0"));

        member().apply(6, command(put("b", 8)));
        member().apply(7, command(put("c", 0)));

        assertEquals(List.of("a"), member().attached(7, ""));
        assertEquals(List.of("b"), member().attached(8, ""));
    }

    @Test
    void aPutUnderAnUnknownLeaseFails() throws IOException {
        assertEquals(
                EtcdError.LEASE_NOT_FOUND,
                member().apply(1, command(put("a", 7))).error());
    }

    @Test
    void aTransactionThatFailsAttachesNothing() throws IOException {
        member().apply(1, LeaseCommands.grant(7, 60));
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", 7)))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("b", 99)))
                .build();

        assertEquals(
                EtcdError.LEASE_NOT_FOUND,
                member().apply(2, Command.of(CommandKind.TXN, txn.toByteArray()))
                        .error());
        assertEquals(List.of(), member().attached(7, ""));
    }

    @Test
    void leasesExpireAfterARestartAtTheTimeTheyWouldHaveWithout() throws IOException {
        member().apply(1_000, LeaseCommands.grant(7, 10));
        member().apply(1_001, command(put("b", 7)));
        member().apply(1_002, command(put("a", 7)));
        long revision = member().apply(1_003, command(put("other", 0))).revision();
        close();
        assertEquals(new LeaseRecord(10, 11_000), member().leases.lease(7));

        member().apply(10_999, LeaseCommands.expire(7));
        assertEquals(1, member().leases.count());
        ApplyResult result = member().apply(11_000, LeaseCommands.expire(7));

        assertEquals(revision + 1, result.revision());
        assertNull(member().leases.lease(7));
        assertEquals(1, member().sink.revisions().size());
        assertEquals(
                List.of("a", "b"),
                member().sink.revisions().getFirst().events().stream()
                        .map(event -> new String(event.key(), UTF_8))
                        .toList());
        try (var view = member().database.view();
                var cursor = view.cursor(Table.LEASE_KEY, new byte[0], null, false)) {
            assertEquals(false, cursor.valid());
        }
    }

    /** Keys of 100 kB each, put by the entries from an index on. */
    private long attachLarge(long from, int count) throws IOException {
        ByteString value = ByteString.copyFrom(new byte[100_000]);
        for (int i = 0; i < count; i++) {
            PutRequest put =
                    put("key%05d".formatted(i), 7).toBuilder().setValue(value).build();
            assertNull(member().apply(from + i, command(put)).error());
        }
        return from + count;
    }

    @Test
    void aLeaseWithMoreThanACommandMayChangeGoesInPartsAndHoldsUpNoOther() throws IOException {
        member().apply(1, LeaseCommands.grant(7, 10));
        member().apply(2, LeaseCommands.grant(8, 10));
        member().apply(3, command(put("small", 8)));
        int keys = (int) (2 * MvccWriter.COMMAND_BYTES_MAX / 100_000);
        long index = attachLarge(10, keys);
        index = Math.max(index, 20_000);
        int parts = 0;
        while (member().leases.count() > 0) {
            long[] due = member().leases.expired(index, LeaseExpirer.LEASES_MAX);
            assertNull(member().apply(index++, LeaseCommands.expire(due)).error());
            parts++;
            assertTrue(parts < keys, "every command makes progress");
            assertEquals(
                    EtcdError.LEASE_NOT_FOUND,
                    member().apply(index++, command(put("late", 7))).error(),
                    "no key comes to a lease of which a part is gone");
            if (parts == 2) {
                close();
            }
        }
        assertTrue(parts >= keys * 100_000L / LeaseStore.PART_BYTES_MAX, "in " + parts + " parts");
        assertEquals(List.of(), member().attached(7, ""));
        try (var view = member().database.view()) {
            assertEquals(0, view.countKeys(new byte[0], null));
        }
    }

    @Test
    void aClientCanRevokeSuchALeaseToo() throws IOException {
        member().apply(1, LeaseCommands.grant(7, 1_000_000));
        long index = attachLarge(2, 400);
        int parts = 1;
        while (!LeaseStore.revoked(member().apply(index++, LeaseCommands.revoke(7)))) {
            parts++;
        }
        assertTrue(parts > 1, "it goes in parts");
        assertEquals(
                EtcdError.LEASE_NOT_FOUND,
                member().apply(index, LeaseCommands.revoke(7)).error());
        assertEquals(0, member().leases.count());
        assertEquals(List.of(), member().attached(7, ""));
    }
}
