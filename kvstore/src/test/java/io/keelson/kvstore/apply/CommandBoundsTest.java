package io.keelson.kvstore.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResponseOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.AnswerRoom;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.mvcc.MvccWriter;
import io.keelson.kvstore.mvcc.RangeResult;
import io.keelson.kvstore.mvcc.RangeStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command may change and answer, and that nobody leaves service over one that wants more. */
class CommandBoundsTest {
    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[] {0});
    private static final int OPS_MAX = 128;

    /** Every change takes at least so much. */
    private static final int CHANGE_BYTES_MIN = 768;

    @TempDir
    Path temp;

    private static PutRequest put(String key, int valueBytes) {
        byte[] value = new byte[valueBytes];
        new Random(key.hashCode()).nextBytes(value);
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFrom(value))
                .build();
    }

    private static RequestOp op(PutRequest request) {
        return RequestOp.newBuilder().setRequestPut(request).build();
    }

    private static RequestOp op(RangeRequest request) {
        return RequestOp.newBuilder().setRequestRange(request).build();
    }

    private static RequestOp op(TxnRequest request) {
        return RequestOp.newBuilder().setRequestTxn(request).build();
    }

    private static RangeRequest everything() {
        return RangeRequest.newBuilder()
                .setKey(EVERYTHING)
                .setRangeEnd(EVERYTHING)
                .build();
    }

    private static DeleteRangeRequest delete(ByteString from, ByteString to, boolean previous) {
        return DeleteRangeRequest.newBuilder()
                .setKey(from)
                .setRangeEnd(to)
                .setPrevKv(previous)
                .build();
    }

    private static String key(int i) {
        return "%07d".formatted(i);
    }

    private static void fill(TestMember member, int keys, int valueBytes) {
        List<TxnRequest> txns = new ArrayList<>();
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < keys; i++) {
            txn.addSuccess(op(put(key(i), valueBytes)));
            if (txn.getSuccessCount() == OPS_MAX || i == keys - 1) {
                txns.add(txn.build());
                txn.clear();
            }
        }
        for (TxnRequest one : txns) {
            assertNull(member.apply(one).error());
        }
        member.sink().revisions().clear();
    }

    @Test
    void aDeletionOfMoreKeysThanFitInMemoryIsRefusedHoweverSmallTheyAreAndChangesNothing() {
        try (TestMember member = new TestMember(temp.resolve("member"))) {
            int keys = (int) (MvccWriter.COMMAND_BYTES_MAX / CHANGE_BYTES_MIN);
            fill(member, keys, 0);
            ApplyResult refused = member.apply(delete(EVERYTHING, EVERYTHING, false));
            assertEquals(EtcdError.REQUEST_TOO_LARGE, refused.error());
            assertEquals(keys, member.range(count()).getCount());

            ByteString middle = ByteString.copyFromUtf8(key(keys / 2));
            assertEquals(
                    keys / 2, member.delete(delete(EVERYTHING, middle, false)).getDeleted());
            assertEquals(
                    keys - keys / 2,
                    member.delete(delete(middle, EVERYTHING, false)).getDeleted());
            assertEquals(0, member.range(count()).getCount());
        }
    }

    private static RangeRequest count() {
        return everything().toBuilder().setCountOnly(true).build();
    }

    @Test
    void whatADeletionIsToTellCountsTooWhoeverIsAsked() {
        int keys = 1_000;
        try (TestMember member = new TestMember(temp.resolve("member"))) {
            fill(member, keys, 100_000);
            byte[] command =
                    TestMember.command(delete(EVERYTHING, EVERYTHING, true)).encode();
            long index = member.machine().appliedIndex();
            for (boolean local : new boolean[] {true, false}) {
                TestBatch batch = new TestBatch(List.of(new TestBatch.Entry(++index, List.of(command))), local);
                member.machine().apply(batch);
                ApplyResult result = batch.result(0);
                assertEquals(EtcdError.REQUEST_TOO_LARGE, result == null ? null : result.error());
            }
            assertEquals(
                    keys, member.delete(delete(EVERYTHING, EVERYTHING, false)).getDeleted());
        }
    }

    @Test
    void theAnswerOfATransactionThatWritesIsGivenUpAndTheWritesStand() {
        try (TestMember member = new TestMember(temp.resolve("member"), 3, 0, 1 << 20)) {
            fill(member, 20, 100_000);
            TxnRequest txn = TxnRequest.newBuilder()
                    .addSuccess(op(put("first", 10)))
                    .addSuccess(op(TxnRequest.newBuilder()
                            .addSuccess(op(put("nested", 10)))
                            .addSuccess(op(everything()))
                            .build()))
                    .addSuccess(op(put("last", 10)))
                    .build();
            assertEquals(EtcdError.RESPONSE_TOO_LARGE, member.apply(txn).error());
            for (String key : List.of("first", "nested", "last")) {
                assertEquals(1, member.range(key, "", 0).getCount());
            }
            assertNull(member.apply(put("after", 1)).error());
        }
    }

    @Test
    void answersThatNobodyHasTakenYetLeaveNoRoomForOthers() {
        try (TestMember member = new TestMember(temp.resolve("member"), 3, 0, 4 << 20)) {
            fill(member, 25, 100_000);
            TxnRequest txn = TxnRequest.newBuilder()
                    .addSuccess(op(put("a", 1)))
                    .addSuccess(op(everything()))
                    .build();
            ApplyResult held = member.apply(txn);
            assertNull(held.error());
            assertEquals(EtcdError.RESPONSE_TOO_LARGE, member.apply(txn).error());
            held.answer().release();
            assertNull(member.apply(txn).error());
        }
    }

    @Test
    void rangesTogetherHoldNoMoreThanOneAloneMayAndStreamsGoOn() {
        try (TestMember member = new TestMember(temp.resolve("member"), 3, 0, 8 << 20)) {
            fill(member, 50, 100_000);
            MvccStore store = member.store();
            RangeRequest sorted = everything().toBuilder()
                    .setSortTarget(RangeRequest.SortTarget.VALUE)
                    .setSortOrder(RangeRequest.SortOrder.DESCEND)
                    .build();
            try (AnswerRoom.Share one = store.answers().share(false);
                    AnswerRoom.Share other = store.answers().share(false)) {
                assertEquals(50, store.range(everything(), one).keyValues());
                for (RangeRequest request : List.of(everything(), sorted)) {
                    assertEquals(
                            EtcdError.TOO_MANY_REQUESTS,
                            assertThrows(EtcdException.class, () -> store.range(request, other))
                                    .error());
                }
            }
            assertEquals(0, store.answers().takenBytes());
            assertEquals(50, member.range(sorted).getKvsCount());
            fill(member, 100, 100_000);
            for (RangeRequest request : List.of(everything(), sorted)) {
                assertEquals(
                        EtcdError.RESPONSE_TOO_LARGE,
                        assertThrows(EtcdException.class, () -> member.range(request))
                                .error());
            }
            RangeStream stream = store.rangeStream(everything());
            int keyValues = 0;
            boolean ended = false;
            while (!ended) {
                try (AnswerRoom.Share room = store.answers().shareOfPiece()) {
                    RangeResult piece = stream.next(room);
                    keyValues += piece == null ? 0 : piece.keyValues();
                    ended = piece == null;
                }
            }
            assertEquals(100, keyValues);
        }
    }

    @Test
    void aLargeAnswerInsideTransactionsIsWhatARangeAnswers() {
        try (TestMember member = new TestMember(temp.resolve("member"))) {
            fill(member, 30, 100_000);
            for (int size : new int[] {255_900, 262_144, 700_000, 1_500_000}) {
                member.put(put("large" + size, size));
            }
            RangeResponse expected = member.range(everything());
            assertTrue(expected.getSerializedSize() > 5_000_000);
            TxnRequest txn = TxnRequest.newBuilder()
                    .addSuccess(op(everything()))
                    .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete(EVERYTHING, EVERYTHING, true)))
                    .addSuccess(op(put("new", 3)))
                    .build();
            for (int depth = 0; depth < 5; depth++) {
                txn = TxnRequest.newBuilder()
                        .addSuccess(op(txn))
                        .addSuccess(op(RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("new"))
                                .build()))
                        .build();
            }
            TxnResponse answer = member.txn(txn);
            for (int depth = 0; depth < 5; depth++) {
                assertEquals(2, answer.getResponsesCount());
                assertEquals(1, answer.getResponses(1).getResponseRange().getCount());
                answer = answer.getResponses(0).getResponseTxn();
            }
            List<ResponseOp> responses = answer.getResponsesList();
            assertEquals(3, responses.size());
            assertEquals(
                    expected.getKvsList(), responses.get(0).getResponseRange().getKvsList());
            assertEquals(
                    expected.getKvsList(),
                    responses.get(1).getResponseDeleteRange().getPrevKvsList());
            assertEquals(
                    expected.getHeader().getRevision() + 1,
                    responses.get(2).getResponsePut().getHeader().getRevision());
        }
    }

    @Test
    void theLargestDeletionFitsIntoASmallHeap() throws Exception {
        String said = SmallHeap.run(SmallHeap.DELETE, temp.resolve("member"), 240);
        assertTrue(said.endsWith("0"), said);
    }

    @Test
    void aTransactionThatReadsMoreThanTheHeapHoldsLosesItsAnswerAndNothingElse() throws Exception {
        String said = SmallHeap.run(SmallHeap.ANSWER, temp.resolve("member"), 96);
        assertTrue(said.endsWith("0"), said);
    }
}
