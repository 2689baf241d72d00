package io.keelson.kvstore.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestValidationTest {
    private static final int OPERATIONS_MAX = 128;

    private static RequestOp put(String key) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
                .build();
    }

    private static RequestOp delete(String key, String end) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setRangeEnd(ByteString.copyFromUtf8(end)))
                .build();
    }

    private static RequestOp nested(TxnRequest txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    private static TxnRequest txn(RequestOp... success) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (RequestOp operation : success) {
            txn.addSuccess(operation);
        }
        return txn.build();
    }

    private static @Nullable EtcdError check(RequestOp... success) {
        return RequestValidation.check(txn(success), OPERATIONS_MAX);
    }

    @Test
    void aKeyIsChangedOnceOnly() {
        assertNull(check(put("a"), put("b")));
        assertEquals(EtcdError.DUPLICATE_KEY, check(put("a"), put("a")));
        assertEquals(EtcdError.DUPLICATE_KEY, check(put("a"), delete("a", "")));
        assertEquals(EtcdError.DUPLICATE_KEY, check(delete("a", "c"), put("b")));
        assertNull(check(delete("a", "c"), put("c")));
        assertNull(check(delete("a", "c"), delete("b", "d")));
        assertEquals(EtcdError.DUPLICATE_KEY, check(put("a"), nested(txn(put("a")))));
        assertEquals(EtcdError.DUPLICATE_KEY, check(delete("a", "z"), nested(txn(put("b")))));
    }

    @Test
    void whatEtcdLetsPassPassesHereToo() {
        assertNull(check(delete("a", "\0"), put("b")));
        assertNull(check(delete("z", "a"), put("b")));
        assertNull(check(nested(txn(put("b"))), nested(txn(delete("b", "")))));
        assertEquals(EtcdError.DUPLICATE_KEY, check(nested(txn(delete("b", ""))), nested(txn(put("b")))));
    }

    @Test
    void oneBranchOfANestedTransactionDoesNotCountAgainstTheOther() {
        TxnRequest either = TxnRequest.newBuilder()
                .addSuccess(put("a"))
                .addFailure(put("a"))
                .build();
        assertNull(check(nested(either)));
        assertEquals(EtcdError.DUPLICATE_KEY, check(nested(either), put("a")));
        TxnRequest deletesThenPuts = TxnRequest.newBuilder()
                .addSuccess(delete("a", ""))
                .addFailure(put("a"))
                .build();
        assertNull(check(nested(deletesThenPuts)));
        TxnRequest putsThenDeletes = TxnRequest.newBuilder()
                .addSuccess(put("a"))
                .addFailure(delete("a", ""))
                .build();
        assertNull(check(nested(putsThenDeletes)));
    }

    @Test
    void operationsOfALevelAreNotLeftForTheNext() {
        TxnRequest three = txn(put("a"), put("b"), put("c"));
        assertNull(RequestValidation.check(three, 3));
        assertEquals(EtcdError.TOO_MANY_OPS, RequestValidation.check(three, 2));
        assertNull(RequestValidation.check(txn(nested(three)), 4));
        assertEquals(EtcdError.TOO_MANY_OPS, RequestValidation.check(txn(nested(three)), 3));
    }

    @Test
    void nestingIsBounded() {
        TxnRequest deep = txn(put("a"));
        for (int i = 1; i < RequestValidation.NESTING_MAX; i++) {
            deep = txn(nested(deep));
        }
        assertNull(RequestValidation.check(deep, OPERATIONS_MAX));
        assertEquals(EtcdError.TOO_MANY_OPS, RequestValidation.check(txn(nested(deep)), OPERATIONS_MAX));
    }

    @Test
    void fieldsThatContradictEachOtherAreRefused() {
        assertEquals(EtcdError.EMPTY_KEY, RequestValidation.check(PutRequest.getDefaultInstance()));
        PutRequest.Builder put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a"));
        assertEquals(
                EtcdError.VALUE_PROVIDED,
                RequestValidation.check(put.clone()
                        .setIgnoreValue(true)
                        .setValue(ByteString.copyFromUtf8("v"))
                        .build()));
        assertEquals(
                EtcdError.LEASE_PROVIDED,
                RequestValidation.check(
                        put.clone().setIgnoreLease(true).setLease(1).build()));
        assertEquals(EtcdError.EMPTY_KEY, RequestValidation.check(RangeRequest.getDefaultInstance()));
        assertEquals(
                EtcdError.INVALID_SORT_OPTION,
                RequestValidation.check(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setSortTargetValue(9)
                        .build()));
        assertEquals(
                EtcdError.EMPTY_KEY,
                RequestValidation.check(
                        TxnRequest.newBuilder()
                                .addCompare(Compare.getDefaultInstance())
                                .build(),
                        1));
        assertEquals(EtcdError.KEY_NOT_FOUND, check(RequestOp.getDefaultInstance()));
    }

    @Test
    void aTransactionThatOnlyReadsIsKnown() {
        RequestOp range = RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")))
                .build();
        assertTrue(RequestValidation.onlyReads(txn(range, nested(txn(range)))));
        assertFalse(RequestValidation.onlyReads(txn(range, nested(txn(put("a"))))));
        assertTrue(RequestValidation.puts(txn(nested(txn(put("a"))))));
        assertFalse(RequestValidation.puts(txn(delete("a", "b"))));
    }

    @Test
    void theWorkGrowsSlowlyWithTheOperations() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 30_000; i++) {
            txn.addSuccess(delete("d" + i, "d" + i + "x"));
            txn.addSuccess(put("p" + i));
        }
        TxnRequest wide = txn.build();
        assertTimeout(Duration.ofSeconds(5), () -> assertNull(RequestValidation.check(wide, Integer.MAX_VALUE)));
    }
}
