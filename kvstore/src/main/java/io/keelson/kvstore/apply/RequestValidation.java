package io.keelson.kvstore.apply;

import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a request by itself, whatever the state: found before it costs a place in the log. Any thread.
 *
 * <p>The rules are etcd's, down to which of two errors is told. Work grows as n log n with the operations of a
 * transaction.
 */
public final class RequestValidation {
    /** How deep transactions may nest. Each level costs two of the 100 levels that protobuf parses. */
    public static final int NESTING_MAX = 32;

    private RequestValidation() {}

    /** Why the request is refused; null if it may go on. */
    public static @Nullable EtcdError check(RangeRequest request) {
        if (request.getKey().isEmpty()) {
            return EtcdError.EMPTY_KEY;
        }
        if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
                || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
            return EtcdError.INVALID_SORT_OPTION;
        }
        return null;
    }

    /** Why the request is refused; null if it may go on. */
    public static @Nullable EtcdError check(PutRequest request) {
        if (request.getKey().isEmpty()) {
            return EtcdError.EMPTY_KEY;
        }
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            return EtcdError.VALUE_PROVIDED;
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            return EtcdError.LEASE_PROVIDED;
        }
        return null;
    }

    /** Why the request is refused; null if it may go on. */
    public static @Nullable EtcdError check(DeleteRangeRequest request) {
        return request.getKey().isEmpty() ? EtcdError.EMPTY_KEY : null;
    }

    /**
     * Why the request is refused; null if it may go on.
     *
     * @param operationsMax comparisons, or operations of either branch, that a transaction may have; what a transaction
     *     takes of it is not left for those nested in it
     */
    public static @Nullable EtcdError check(TxnRequest request, int operationsMax) {
        EtcdError error = check(request, operationsMax, 1);
        if (error != null) {
            return error;
        }
        return ChangedKeys.overlap(request.getSuccessList()) || ChangedKeys.overlap(request.getFailureList())
                ? EtcdError.DUPLICATE_KEY
                : null;
    }

    private static @Nullable EtcdError check(TxnRequest request, int operationsMax, int depth) {
        int operations =
                Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (operations > operationsMax || depth > NESTING_MAX) {
            return EtcdError.TOO_MANY_OPS;
        }
        for (Compare compare : request.getCompareList()) {
            if (compare.getKey().isEmpty()) {
                return EtcdError.EMPTY_KEY;
            }
        }
        EtcdError error = check(request.getSuccessList(), operationsMax - operations, depth);
        return error != null ? error : check(request.getFailureList(), operationsMax - operations, depth);
    }

    private static @Nullable EtcdError check(List<RequestOp> operations, int operationsMax, int depth) {
        for (RequestOp operation : operations) {
            EtcdError error = switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> check(operation.getRequestRange());
                case REQUEST_PUT -> check(operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> check(operation.getRequestDeleteRange());
                case REQUEST_TXN -> check(operation.getRequestTxn(), operationsMax, depth + 1);
                case REQUEST_NOT_SET -> EtcdError.KEY_NOT_FOUND;
            };
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    /** Whether a transaction writes on no path, so that it need not go through the log. */
    public static boolean onlyReads(TxnRequest request) {
        return onlyReads(request.getSuccessList()) && onlyReads(request.getFailureList());
    }

    private static boolean onlyReads(List<RequestOp> operations) {
        for (RequestOp operation : operations) {
            boolean reads = switch (operation.getRequestCase()) {
                case REQUEST_RANGE, REQUEST_NOT_SET -> true;
                case REQUEST_PUT, REQUEST_DELETE_RANGE -> false;
                case REQUEST_TXN -> onlyReads(operation.getRequestTxn());
            };
            if (!reads) {
                return false;
            }
        }
        return true;
    }

    /** Whether a transaction puts anything on some path. */
    public static boolean puts(TxnRequest request) {
        return puts(request.getSuccessList()) || puts(request.getFailureList());
    }

    private static boolean puts(List<RequestOp> operations) {
        for (RequestOp operation : operations) {
            if (operation.hasRequestPut() || (operation.hasRequestTxn() && puts(operation.getRequestTxn()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * The keys that a list of operations puts and deletes, collected to find a key that is changed twice.
     *
     * <p>As in etcd, deletions of a level count against its puts and those nested in it; deletions nested in a later
     * operation do not count against puts of an earlier one; the two branches of a nested transaction may put the same
     * key; and a deletion up to the end of all keys, or of an inverted range, counts against nothing. What gets past these
     * rules and then proves impossible is answered with its error when it is carried out.
     */
    private static final class ChangedKeys {
        private static final ChangedKeys NOTHING = new ChangedKeys();

        private final Set<ByteBuffer> puts = new HashSet<>();
        private final KeyIntervals deletes = new KeyIntervals();

        static boolean overlap(List<RequestOp> operations) {
            return collect(operations) == null;
        }

        /** Null if a key is changed twice. */
        private static @Nullable ChangedKeys collect(List<RequestOp> operations) {
            boolean writes = false;
            for (RequestOp operation : operations) {
                writes |= !operation.hasRequestRange();
            }
            if (!writes) {
                return NOTHING;
            }
            ChangedKeys keys = new ChangedKeys();
            for (RequestOp operation : operations) {
                if (operation.hasRequestDeleteRange()) {
                    DeleteRangeRequest request = operation.getRequestDeleteRange();
                    keys.deletes.add(
                            request.getKey().toByteArray(),
                            request.getRangeEnd().toByteArray());
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestTxn() && !keys.addNested(operation.getRequestTxn())) {
                    return null;
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestPut()
                        && !keys.addPut(operation.getRequestPut().getKey().asReadOnlyByteBuffer())) {
                    return null;
                }
            }
            return keys;
        }

        private boolean addNested(TxnRequest request) {
            ChangedKeys success = collect(request.getSuccessList());
            ChangedKeys failure = success == null ? null : collect(request.getFailureList());
            if (success == null || failure == null) {
                return false;
            }
            for (ByteBuffer key : success.puts) {
                if (!addPut(key)) {
                    return false;
                }
            }
            for (ByteBuffer key : failure.puts) {
                boolean alsoOnSuccess = success.puts.contains(key);
                if (deletes.contains(key) || (!puts.add(key) && !alsoOnSuccess)) {
                    return false;
                }
            }
            // Only now: one branch is taken, so what the one deletes does not count against what the other puts.
            deletes.addAll(success.deletes);
            deletes.addAll(failure.deletes);
            return true;
        }

        private boolean addPut(ByteBuffer key) {
            return !deletes.contains(key) && puts.add(key);
        }
    }
}
