package io.keelson.kvstore.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.Compare.CompareTarget;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
 * So an answer for which there is no room, by count or in the JVM, is given up ({@link #answerTooLarge}), and the writes go
 * on. Building it therefore never lies inside a change: what is answered about it is put together before or after.
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

    private final Tables tables;
    private final long beginRevision;
    private final long compactRevision;
    private final @Nullable MvccWriter writer;
    private final AnswerRoom.Share room;
    /** What is put together of the answer to the transaction, and to each one inside it that is under way. */
    private final List<EncodedKeyValues> parts = new ArrayList<>(0);

    private boolean answered;
    private boolean answerTooLarge;
    private @Nullable OutOfMemoryError noMemory;

    private Operations(
            Tables tables,
            long beginRevision,
            long compactRevision,
            @Nullable MvccWriter writer,
            boolean answered,
            AnswerRoom.Share room) {
        this.tables = tables;
        this.beginRevision = beginRevision;
        this.compactRevision = compactRevision;
        this.writer = writer;
        this.answered = answered;
        this.room = room;
    }

    /** Operations that only read; one that writes is an {@link IllegalArgumentException}. */
    static Operations reading(Tables tables, long revision, long compactRevision, AnswerRoom.Share room) {
        return new Operations(tables, revision, compactRevision, null, true, room);
    }

    /**
     * Operations of a command.
     *
     * @param answered whether anybody wants to know the answer
     * @param room for the answer
     */
    static Operations writing(MvccWriter writer, boolean answered, AnswerRoom.Share room) {
        return new Operations(writer.session(), writer.revision(), writer.compactRevision(), writer, answered, room);
    }

    /** Whether the answer had to be given up. What the request wrote stands all the same. */
    boolean answerTooLarge() {
        return answerTooLarge;
    }

    /** What the JVM said when it had no memory for the answer; null if that did not happen. */
    @Nullable
    OutOfMemoryError noMemory() {
        return noMemory;
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
        return new RangeReader(tables, readRevision(), compactRevision, room);
    }

    /** A put that is a command of its own. */
    AnswerBody put(PutRequest request) {
        if (request.getLease() != 0 && !writer().leaseExists(request.getLease())) {
            throw EtcdError.LEASE_NOT_FOUND.exception();
        }
        return carryOut(request);
    }

    private AnswerBody carryOut(PutRequest request) {
        MvccWriter to = writer();
        byte[] key = request.getKey().toByteArray();
        byte[] newest = to.newest(key);
        ByteString value = request.getValue();
        long leaseId = request.getLease();
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
        AnswerBody answer = answered && request.getPrevKv() && newest != null
                ? built(() -> {
                    EncodedKeyValues out = new EncodedKeyValues(room, key.length + newest.length + 24);
                    append(out, PREV_KV_TAG, key, newest);
                    return out.toBody();
                })
                : AnswerBody.EMPTY;
        to.put(key, newest, value, leaseId);
        return answer;
    }

    private static void append(EncodedKeyValues out, int tag, byte[] key, byte[] stored) {
        out.append(tag, key, stored, StoredRecord.parse(stored).length());
    }

    AnswerBody deleteRange(DeleteRangeRequest request) {
        KeyRange range = KeyRange.of(
                request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
        MvccWriter.Selection found = writer().select(range, request.getPrevKv());
        AnswerBody answer = answered ? built(() -> deleted(found, request.getPrevKv())) : AnswerBody.EMPTY;
        writer().delete(found);
        return answer;
    }

    private AnswerBody deleted(MvccWriter.Selection found, boolean withPrevious) {
        EncodedKeyValues out = new EncodedKeyValues(room, 16);
        out.append(DELETED_TAG, found.size());
        for (int i = 0; withPrevious && i < found.size(); i++) {
            append(out, PREV_KVS_TAG, found.key(i), found.stored(i));
        }
        return out.toBody();
    }

    AnswerBody txn(TxnRequest request) {
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
        AnswerBody body = AnswerBody.EMPTY;
    }

    private int carryOut(TxnRequest request, BitSet path, int at, Answer answer) {
        boolean succeeded = path.get(at);
        int next = at + 1;
        EncodedKeyValues out = new EncodedKeyValues(room, 0);
        parts.add(out);
        built(() -> out.append(SUCCEEDED_TAG, succeeded ? 1 : 0));
        for (RequestOp operation : chosen(request, succeeded)) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> {
                    if (answered) {
                        AnswerBody body = built(
                                () -> reader().read(operation.getRequestRange()).body());
                        respond(out, RESPONSE_RANGE_TAG, body);
                    }
                }
                case REQUEST_PUT -> respond(out, RESPONSE_PUT_TAG, carryOut(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE ->
                    respond(out, RESPONSE_DELETE_RANGE_TAG, deleteRange(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> {
                    Answer nested = new Answer();
                    next = carryOut(operation.getRequestTxn(), path, next, nested);
                    built(() -> append(out, RESPONSE_TXN_TAG, 0, nested.body));
                }
                case REQUEST_NOT_SET -> built(() -> out.begin(RESPONSES_TAG, 0));
            }
        }
        answer.body = built(out::toBody);
        parts.removeLast();
        return next;
    }

    /** Adds the response to one operation, with a header that tells the revision as of then. */
    private void respond(EncodedKeyValues out, int tag, AnswerBody body) {
        built(() -> append(out, tag, readRevision(), body));
    }

    /** The response inside its operation inside the list of responses; every length is known before it is written. */
    private static void append(EncodedKeyValues out, int tag, long revision, AnswerBody body) {
        int header = revision == 0 ? 0 : 1 + Varint.size(revision);
        int response = 2 + header + body.sizeBytes();
        out.begin(RESPONSES_TAG, 1 + Varint.size(response) + response);
        out.begin(tag, response);
        out.begin(HEADER_TAG, header);
        out.append(REVISION_TAG, revision);
        out.append(body);
    }

    /** Builds a part of the answer, unless nobody wants it any more. */
    private void built(Runnable part) {
        if (answered) {
            try {
                part.run();
            } catch (EtcdException | OutOfMemoryError e) {
                giveUpAnswer(e);
            }
        }
    }

    private AnswerBody built(Supplier<AnswerBody> part) {
        if (answered) {
            try {
                return part.get();
            } catch (EtcdException | OutOfMemoryError e) {
                giveUpAnswer(e);
            }
        }
        return AnswerBody.EMPTY;
    }

    private void giveUpAnswer(Throwable why) {
        if (why instanceof EtcdException e && e.error() != EtcdError.RESPONSE_TOO_LARGE) {
            throw e;
        }
        answered = false;
        answerTooLarge = true;
        // What was built so far must not take memory from the writes that are still to come.
        parts.forEach(EncodedKeyValues::drop);
        if (why instanceof OutOfMemoryError e) {
            noMemory = e;
        }
    }
}
