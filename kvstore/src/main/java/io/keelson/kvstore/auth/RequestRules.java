package io.keelson.kvstore.auth;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.mvcc.KeyRange;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * What a request on keys needs: the same rules for an operation by itself and for one inside a transaction, at any depth
 * and in either branch, whether or not it will be carried out.
 *
 * @param scope what the user may do
 * @param leaseWritable whether every key attached to a lease may be written by the user. Whoever could attach keys to a
 *     lease without that could not revoke it, and could have others' keys deleted with it
 */
record RequestRules(Scope scope, LongPredicate leaseWritable) {
    private static final byte[] NO_END = {};

    private static KeyRange range(ByteString key, ByteString rangeEnd) {
        return KeyRange.of(key.toByteArray(), rangeEnd.toByteArray());
    }

    boolean permits(PutRequest put) {
        KeyRange key = KeyRange.of(put.getKey().toByteArray(), NO_END);
        return scope.mayWrite(key)
                && (!put.getPrevKv() || scope.mayRead(key))
                && (put.getLease() == 0 || leaseWritable.test(put.getLease()));
    }

    boolean permits(DeleteRangeRequest delete) {
        KeyRange keys = range(delete.getKey(), delete.getRangeEnd());
        return scope.mayWrite(keys) && (!delete.getPrevKv() || scope.mayRead(keys));
    }

    /** The depth of transactions is bounded by what the parser of messages lets through. */
    boolean permits(TxnRequest txn) {
        for (Compare compare : txn.getCompareList()) {
            if (!scope.mayRead(range(compare.getKey(), compare.getRangeEnd()))) {
                return false;
            }
        }
        return permits(txn.getSuccessList()) && permits(txn.getFailureList());
    }

    private boolean permits(List<RequestOp> operations) {
        for (RequestOp operation : operations) {
            boolean permitted = switch (operation.getRequestCase()) {
                case REQUEST_RANGE ->
                    scope.mayRead(range(
                            operation.getRequestRange().getKey(),
                            operation.getRequestRange().getRangeEnd()));
                case REQUEST_PUT -> permits(operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> permits(operation.getRequestDeleteRange());
                case REQUEST_TXN -> permits(operation.getRequestTxn());
                case REQUEST_NOT_SET -> true;
            };
            if (!permitted) {
                return false;
            }
        }
        return true;
    }
}
