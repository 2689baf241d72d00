package io.keelson.kvstore.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.Compare.CompareTarget;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one request of the KV service against one state, and encodes the answer.
 *
 * <p>A transaction goes the way etcd takes it. First all comparisons are made, those of nested transactions on the chosen
 * path included, on the state before the transaction; then the operations on that path are checked; then they are carried
 * out in order, each seeing the ones before. A failure at any point is an exception, after which the caller takes back
 * what was written.
 *
 * <p>Whether an answer is built must not change what happens: members that build none have to end up in the same state.
 * So an answer that grows too large is given up ({@link #answerTooLarge}), and the writes go on.
 *
 * <p>For one request; one thread.
 */
final class Operations {
    private static final int HEADER_TAG = (1 << 3) | 2;
    private static final int REVISION_TAG = 3 << 3;
    private static final int PREV_KV_TAG = (2 << 3) | 2;
    private static final int DELETED_TAG = 2 << 3;
    private static final int PREV_KVS_TAG = (3 << 3) | 2;
    private static final int SUCCEEDED_TAG = 2 << 3;
    private static final int RESPONSES_TAG = (3 << 3) | 2;
    private static final int RESPONSE_RANGE_TAG = (1 << 3) | 2;
    private static final int RESPONSE_PUT_TAG = (2 << 3) | 2;
    private static final int RESPONSE_DELETE_RANGE_TAG = (3 << 3) | 2;
    private static final int RESPONSE_TXN_TAG = (4 << 3) | 2;
    private static final byte[] NOTHING = {};

    private final Tables tables;
    private final long beginRevision;
    private final long compactRevision;
    private final @Nullable MvccWriter writer;
    private final long bytesMax;
    private boolean answered;
    private boolean answerTooLarge;
    private long answeredBytes;

    private Operations(
            Tables tables,
            long beginRevision,
            long compactRevision,
            @Nullable MvccWriter writer,
            boolean answered,
            long bytesMax) {
        this.tables = tables;
        this.beginRevision = beginRevision;
        this.compactRevision = compactRevision;
        this.writer = writer;
        this.answered = answered;
        this.bytesMax = bytesMax;
    }

    /** Operations that only read; one that writes is an {@link IllegalArgumentException}. */
    static Operations reading(Tables tables, long revision, long compactRevision, long bytesMax) {
        return new Operations(tables, revision, compactRevision, null, true, bytesMax);
    }

    /**
     * Operations of a command.
     *
     * @param answered whether anybody wants to know the answer
     */
    static Operations writing(MvccWriter writer, boolean answered, long bytesMax) {
        return new Operations(
                writer.session(), writer.revision(), writer.compactRevision(), writer, answered, bytesMax);
    }

    /** Whether the answer had to be given up. What the request wrote stands all the same. */
    boolean answerTooLarge() {
        return answerTooLarge;
    }

    private long readRevision() {
        return writer == null ? beginRevision : writer.readRevision();
    }

    private MvccWriter writer() {
        if (writer == null) {
            throw new IllegalArgumentException("a request that writes among those that read");
        }
        return writer;
    }

    private RangeReader reader() {
        return new RangeReader(tables, readRevision(), compactRevision, bytesMax - answeredBytes);
    }

    /** A put that is a command of its own. */
    byte[] put(PutRequest request) {
        if (request.getLease() != 0 && !writer().leaseExists(request.getLease())) {
            throw EtcdError.LEASE_NOT_FOUND.exception();
        }
        return carryOut(request);
    }

    private byte[] carryOut(PutRequest request) {
        MvccWriter to = writer();
        byte[] key = request.getKey().toByteArray();
        byte[] newest = to.newest(key);
        ByteString value = request.getValue();
        long leaseId = request.getLease();
        byte[] answer = NOTHING;
        if (request.getIgnoreValue() || request.getIgnoreLease()) {
            if (newest == null) {
                throw EtcdError.KEY_NOT_FOUND.exception();
            }
            StoredRecord old = StoredRecord.parse(newest);
            if (request.getIgnoreValue()) {
                value = ByteString.copyFrom(old.value(newest));
            }
            if (request.getIgnoreLease()) {
                leaseId = old.lease();
            }
        }
        if (answered && request.getPrevKv() && newest != null) {
            StoredRecord old = StoredRecord.parse(newest);
            EncodedKeyValues out = new EncodedKeyValues(Integer.MAX_VALUE, key.length + newest.length + 24);
            out.append(PREV_KV_TAG, key, newest, old.length());
            answer = out.toByteArray();
        }
        to.put(key, newest, value, leaseId);
        return answer;
    }

    byte[] deleteRange(DeleteRangeRequest request) {
        KeyRange range = KeyRange.of(
                request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
        boolean withPrevious = answered && request.getPrevKv();
        EncodedKeyValues previous = new EncodedKeyValues(Integer.MAX_VALUE, withPrevious ? 512 : 0);
        long deleted = writer().deleteRange(
                        range,
                        withPrevious
                                ? (key, stored) -> previous.append(
                                        PREV_KVS_TAG,
                                        key,
                                        stored,
                                        StoredRecord.parse(stored).length())
                                : (key, stored) -> {});
        if (!answered) {
            return NOTHING;
        }
        EncodedKeyValues out = new EncodedKeyValues(Integer.MAX_VALUE, previous.length() + 16);
        out.append(DELETED_TAG, deleted);
        out.append(previous.toByteArray());
        return out.toByteArray();
    }

    byte[] txn(TxnRequest request) {
        BitSet path = new BitSet();
        decide(request, path, 0);
        // In etcd's order: of several impossible operations the first put is told of, and a range only if no put is.
        int _ = check(request, path, 0, this::checkPut);
        int _ = check(request, path, 0, this::checkRange);
        Answer answer = new Answer();
        carryOut(request, path, 0, answer);
        return answer.body;
    }

    /** Notes, for a transaction and then for each nested one on the chosen path, whether its comparisons hold. */
    private int decide(TxnRequest request, BitSet path, int at) {
        boolean holds = true;
        for (Compare compare : request.getCompareList()) {
            if (!holds(compare)) {
                holds = false;
                break;
            }
        }
        path.set(at, holds);
        int next = at + 1;
        for (RequestOp operation : chosen(request, holds)) {
            if (operation.hasRequestTxn()) {
                next = decide(operation.getRequestTxn(), path, next);
            }
        }
        return next;
    }

    private static List<RequestOp> chosen(TxnRequest request, boolean holds) {
        return holds ? request.getSuccessList() : request.getFailureList();
    }

    /** A key that does not exist compares as one with all numbers 0, and never by value. */
    private boolean holds(Compare compare) {
        KeyRange range = KeyRange.of(
                compare.getKey().toByteArray(), compare.getRangeEnd().toByteArray());
        if (range.single()) {
            byte[] newest = tables.get(Table.CURRENT, range.from());
            return newest == null ? holdsForNone(compare) : holds(compare, newest);
        }
        if (range.empty()) {
            return holdsForNone(compare);
        }
        try (KeyValues found = reader().open(range, beginRevision)) {
            if (!found.valid()) {
                return holdsForNone(compare);
            }
            while (found.valid()) {
                if (!holds(compare, found.stored())) {
                    return false;
                }
                found.next();
            }
            return true;
        }
    }

    private static boolean holdsForNone(Compare compare) {
        return compare.getTarget() != CompareTarget.VALUE && holds(compare, Long.compare(0, expected(compare)));
    }

    private static boolean holds(Compare compare, byte[] stored) {
        StoredRecord record = StoredRecord.parse(stored);
        int order = switch (compare.getTarget()) {
            case VERSION -> Long.compare(record.version(), expected(compare));
            case CREATE -> Long.compare(record.createRevision(), expected(compare));
            case MOD -> Long.compare(record.modRevision(), expected(compare));
            case LEASE -> Long.compare(record.lease(), expected(compare));
            case VALUE -> {
                ByteString value = record.valueLength() == 0
                        ? ByteString.EMPTY
                        : UnsafeByteOperations.unsafeWrap(stored, record.valueOffset(), record.valueLength());
                yield ByteString.unsignedLexicographicalComparator()
                        .compare(value, compare.hasValue() ? compare.getValue() : ByteString.EMPTY);
            }
            case UNRECOGNIZED -> 0;
        };
        return holds(compare, order);
    }

    /** The number to compare with: 0 unless the field of the very target is set. */
    private static long expected(Compare compare) {
        return switch (compare.getTarget()) {
            case VERSION -> compare.hasVersion() ? compare.getVersion() : 0;
            case CREATE -> compare.hasCreateRevision() ? compare.getCreateRevision() : 0;
            case MOD -> compare.hasModRevision() ? compare.getModRevision() : 0;
            case LEASE -> compare.hasLease() ? compare.getLease() : 0;
            case VALUE, UNRECOGNIZED -> 0;
        };
    }

    private static boolean holds(Compare compare, int order) {
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true;
        };
    }

    /** Has every operation on the chosen path judged by the state before the transaction. */
    private static int check(TxnRequest request, BitSet path, int at, Consumer<RequestOp> judge) {
        int next = at + 1;
        for (RequestOp operation : chosen(request, path.get(at))) {
            if (operation.hasRequestTxn()) {
                next = check(operation.getRequestTxn(), path, next, judge);
            } else {
                judge.accept(operation);
            }
        }
        return next;
    }

    /** Inside a transaction a negative revision is not the newest one but one before any that is kept. */
    private void checkRange(RequestOp operation) {
        long revision = operation.getRequestRange().getRevision();
        if (revision > beginRevision) {
            throw EtcdError.FUTURE_REV.exception();
        }
        if (revision != 0 && revision < compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
    }

    private void checkPut(RequestOp operation) {
        PutRequest request = operation.getRequestPut();
        if ((request.getIgnoreValue() || request.getIgnoreLease())
                && writer().newest(request.getKey().toByteArray()) == null) {
            throw EtcdError.KEY_NOT_FOUND.exception();
        }
        if (request.getLease() != 0 && !writer().leaseExists(request.getLease())) {
            throw EtcdError.LEASE_NOT_FOUND.exception();
        }
    }

    /** The answer to a transaction, without header. */
    private static final class Answer {
        byte[] body = NOTHING;
    }

    private int carryOut(TxnRequest request, BitSet path, int at, Answer answer) {
        boolean succeeded = path.get(at);
        int next = at + 1;
        EncodedKeyValues out = new EncodedKeyValues(Integer.MAX_VALUE, answered ? 512 : 16);
        out.append(SUCCEEDED_TAG, succeeded ? 1 : 0);
        for (RequestOp operation : chosen(request, succeeded)) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> {
                    if (answered) {
                        respond(out, RESPONSE_RANGE_TAG, range(operation.getRequestRange()));
                    }
                }
                case REQUEST_PUT -> respond(out, RESPONSE_PUT_TAG, carryOut(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE ->
                    respond(out, RESPONSE_DELETE_RANGE_TAG, deleteRange(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> {
                    Answer nested = new Answer();
                    next = carryOut(operation.getRequestTxn(), path, next, nested);
                    if (answered) {
                        EncodedKeyValues response = new EncodedKeyValues(Integer.MAX_VALUE, nested.body.length + 16);
                        response.append(HEADER_TAG, NOTHING);
                        response.append(nested.body);
                        append(out, RESPONSE_TXN_TAG, response);
                    }
                }
                case REQUEST_NOT_SET -> {
                    if (answered) {
                        out.append(RESPONSES_TAG, NOTHING);
                    }
                }
            }
        }
        if (answered) {
            answer.body = out.toByteArray();
        }
        return next;
    }

    private byte[] range(RangeRequest request) {
        try {
            return reader().read(request).body();
        } catch (EtcdException e) {
            if (e.error() != EtcdError.RESPONSE_TOO_LARGE) {
                throw e;
            }
            giveUpAnswer();
            return NOTHING;
        }
    }

    private void giveUpAnswer() {
        answered = false;
        answerTooLarge = true;
    }

    /** Adds the response to one operation, with a header that tells the revision as of then. */
    private void respond(EncodedKeyValues out, int tag, byte[] body) {
        if (!answered) {
            return;
        }
        EncodedKeyValues header = new EncodedKeyValues(Integer.MAX_VALUE, 16);
        header.append(REVISION_TAG, readRevision());
        EncodedKeyValues response = new EncodedKeyValues(Integer.MAX_VALUE, body.length + 32);
        response.append(HEADER_TAG, header.toByteArray());
        response.append(body);
        append(out, tag, response);
    }

    private void append(EncodedKeyValues out, int tag, EncodedKeyValues response) {
        answeredBytes += response.length();
        if (answeredBytes > bytesMax) {
            giveUpAnswer();
            return;
        }
        EncodedKeyValues operation = new EncodedKeyValues(Integer.MAX_VALUE, response.length() + 8);
        operation.append(tag, response.toByteArray());
        out.append(RESPONSES_TAG, operation.toByteArray());
    }
}
