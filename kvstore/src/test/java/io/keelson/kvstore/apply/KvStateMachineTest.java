package io.keelson.kvstore.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.storage.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvStateMachineTest {
    @TempDir
    Path temp;

    private TestMember member;

    @BeforeEach
    void open() {
        member = new TestMember(temp.resolve("member"));
    }

    @AfterEach
    void close() {
        member.close();
    }

    @Test
    void aPutMakesARevisionAndIsReadAtOnce() {
        var response = member.put("a", "1");
        assertEquals(2, response.getHeader().getRevision());
        member.put("a", "2");
        var range = member.range("a", "", 0);
        assertEquals(3, range.getHeader().getRevision());
        assertEquals(1, range.getCount());
        var kv = range.getKvs(0);
        assertEquals("2", kv.getValue().toStringUtf8());
        assertEquals(2, kv.getCreateRevision());
        assertEquals(3, kv.getModRevision());
        assertEquals(2, kv.getVersion());
        assertEquals("1", member.range("a", "", 2).getKvs(0).getValue().toStringUtf8());
    }

    @Test
    void aDeletionKeepsHistoryAndARecreationStartsAtVersionOne() {
        member.put("a", "1");
        var deleted = member.delete(DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("a"))
                .setPrevKv(true)
                .build());
        assertEquals(1, deleted.getDeleted());
        assertEquals("1", deleted.getPrevKvs(0).getValue().toStringUtf8());
        assertEquals(0, member.delete("a", "").getDeleted());
        member.put("a", "3");
        assertEquals(4, member.range("a", "", 0).getKvs(0).getCreateRevision());
        assertEquals(1, member.range("a", "", 0).getKvs(0).getVersion());
        assertEquals(0, member.range("a", "", 3).getCount());
        assertEquals("1", member.range("a", "", 2).getKvs(0).getValue().toStringUtf8());
    }

    @Test
    void aRangeAtAnEarlierRevisionMergesWhatIsAndWhatWas() {
        member.put("a", "1");
        member.put("b", "1");
        member.put("c", "1");
        member.put("b", "2");
        member.delete("a", "");
        member.put("d", "1");
        assertEquals(List.of("a=1", "b=1", "c=1"), listing("a", "z", 4));
        assertEquals(List.of("a=1", "b=2", "c=1"), listing("a", "z", 5));
        assertEquals(List.of("b=2", "c=1"), listing("a", "z", 6));
        assertEquals(List.of("b=2", "c=1", "d=1"), listing("a", "\0", 0));
        assertEquals(List.of(), listing("z", "a", 0));
    }

    private List<String> listing(String key, String end, long revision) {
        return member.range(key, end, revision).getKvsList().stream()
                .map(kv -> kv.getKey().toStringUtf8() + "=" + kv.getValue().toStringUtf8())
                .toList();
    }

    @Test
    void compactionRefusesWhatItDroppedAndKeepsTheRest() {
        member.put("a", "1");
        member.put("a", "2");
        member.put("b", "1");
        member.delete("b", "");
        assertEquals(EtcdError.FUTURE_REV, failure(() -> member.compact(6)));
        long hash = member.store().hashKv(5).hash();
        member.compact(3);
        assertEquals(EtcdError.COMPACTED, failure(() -> member.compact(3)));
        assertEquals(EtcdError.COMPACTED, failure(() -> member.range("a", "", 2)));
        assertEquals("2", member.range("a", "", 3).getKvs(0).getValue().toStringUtf8());
        int before = member.store().hashKv(5).hash();
        member.awaitCompacted();
        assertEquals(before, member.store().hashKv(5).hash());
        assertFalse(hash == before);
        assertEquals(List.of("3.0 put a=2", "4.0 put b=1", "5.0 delete b prev 1"), history(3));
    }

    @Test
    void eventsCarryWhatWasBefore() {
        member.put("a", "1");
        member.put("a", "2");
        member.delete("a", "");
        List<String> expected = List.of("2.0 put a=1", "3.0 put a=2 prev 1", "4.0 delete a prev 2");
        assertEquals(expected, history(1));
        List<String> live = new ArrayList<>();
        member.sink().revisions().forEach(r -> r.events().forEach(e -> live.add(text(e))));
        assertEquals(expected, live);
    }

    private List<String> history(long from) {
        List<String> found = new ArrayList<>();
        member.store().read(from, Long.MAX_VALUE - 1, KeyRange.of(new byte[] {0}, new byte[] {0}), true, event -> {
            found.add(text(event));
            return true;
        });
        return found;
    }

    private static String text(KvEvent event) {
        byte[] record = event.record();
        byte[] previous = event.previous();
        return event.modRevision() + "." + event.sub()
                + (record == null ? " delete " : " put ") + new String(event.key(), StandardCharsets.UTF_8)
                + (record == null ? "" : "=" + value(record))
                + (previous == null ? "" : " prev " + value(previous));
    }

    private static String value(byte[] record) {
        return new String(record, record.length - 1, 1, StandardCharsets.UTF_8);
    }

    private static EtcdError failure(Runnable action) {
        return assertThrows(EtcdException.class, action::run).error();
    }

    @Test
    void aTransactionSeesItsOwnWrites() {
        member.put("a", "1");
        TxnResponse response = member.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setTarget(Compare.CompareTarget.MOD)
                        .setModRevision(2))
                .addSuccess(put("b", "2"))
                .addSuccess(range("a", "z"))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder().addSuccess(range("b", ""))))
                .addFailure(put("c", "3"))
                .build());
        assertTrue(response.getSucceeded());
        assertEquals(3, response.getHeader().getRevision());
        assertEquals(3, response.getResponses(0).getResponsePut().getHeader().getRevision());
        assertEquals(2, response.getResponses(1).getResponseRange().getCount());
        TxnResponse nested = response.getResponses(2).getResponseTxn();
        assertTrue(nested.hasHeader());
        assertEquals(0, nested.getHeader().getRevision());
        assertEquals(
                "2",
                nested.getResponses(0).getResponseRange().getKvs(0).getValue().toStringUtf8());
    }

    @Test
    void aTransactionThatProvesImpossibleChangesNothing() {
        member.put("a", "1");
        ApplyResult result = member.apply(TxnRequest.newBuilder()
                .addSuccess(put("b", "1"))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("a"))
                                .setRangeEnd(ByteString.copyFrom(new byte[1]))))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("a"))
                                .setIgnoreValue(true)))
                .build());
        assertEquals(EtcdError.KEY_NOT_FOUND, result.error());
        assertEquals(2, result.revision());
        assertEquals(List.of("a=1"), listing("a", "z", 0));
        assertEquals(2, member.put("c", "1").getHeader().getRevision() - 1);
        assertEquals(List.of("2.0 put a=1", "3.0 put c=1"), history(2));
    }

    private static RequestOp put(String key, String value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value)))
                .build();
    }

    private static RequestOp range(String key, String end) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setRangeEnd(ByteString.copyFromUtf8(end)))
                .build();
    }

    @Test
    void aPutWithoutItsLeaseIsRefused() {
        ApplyResult result = member.apply(PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("a"))
                .setLease(99)
                .setIgnoreValue(true)
                .build());
        assertEquals(EtcdError.LEASE_NOT_FOUND, result.error());
    }

    @Test
    void ofWhatIsImpossibleInATransactionPutsAreToldOfFirst() {
        RequestOp future = RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setRevision(1_000))
                .build();
        RequestOp withoutLease = RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setLease(99))
                .build();
        TxnRequest nested = TxnRequest.newBuilder().addSuccess(withoutLease).build();
        ApplyResult result = member.apply(TxnRequest.newBuilder()
                .addSuccess(future)
                .addSuccess(RequestOp.newBuilder().setRequestTxn(nested))
                .build());
        assertEquals(EtcdError.LEASE_NOT_FOUND, result.error());
    }

    @Test
    void aPayloadThatCannotBeReadIsAnsweredAndChangesNothing() {
        byte[] command = Command.of(CommandKind.PUT, new byte[] {0x0a, 0x7f}).encode();
        TestBatch batch = new TestBatch(List.of(new TestBatch.Entry(1, List.of(command))), true);
        member.machine().apply(batch);
        assertEquals(EtcdError.APPLY_FAILED, assertNotNullResult(batch).error());
        assertEquals(1, member.machine().appliedIndex());
        assertEquals(2, member.put("a", "1").getHeader().getRevision());
    }

    private static ApplyResult assertNotNullResult(TestBatch batch) {
        ApplyResult result = batch.result(0);
        assertNotNull(result);
        return result;
    }

    @Test
    void whatWasAppliedSurvivesARestart() {
        member.put("a", "1");
        member.put("b", "1");
        member.close();
        member = new TestMember(temp.resolve("member"));
        assertEquals(2, member.machine().appliedIndex());
        assertEquals(List.of("a=1", "b=1"), listing("a", "z", 0));
    }

    @Test
    void aSnapshotReplacesTheWholeStateWhileReadersFinish() throws Exception {
        member.put("a", "1");
        Path snapshot = temp.resolve("snapshot");
        member.machine().saveSnapshot(snapshot);
        try (TestMember other = new TestMember(temp.resolve("other"))) {
            other.put("x", "1");
            try (var old = other.database().view()) {
                other.machine().restore(snapshot);
                assertNotNull(old.get(Table.CURRENT, new byte[] {'x'}));
            }
            assertEquals(1, other.machine().appliedIndex());
            assertEquals(1, other.range("a", "z", 0).getCount());
            assertEquals(3, other.put("b", "2").getHeader().getRevision());
            assertNull(other.database().failure());
        }
    }
}
