package io.keelson.kvstore.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.CompactionResponse;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.ResponseOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the store should do, said as plainly as possible: a copy of all keys for every revision. */
public final class ModelStore {
    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    /** A change with its place, as a watcher would be told. */
    public record Change(long revision, int sub, Event event) {}

    private final List<NavigableMap<ByteString, KeyValue>> states = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private long compactRevision = -1;

    private NavigableMap<ByteString, KeyValue> working = new TreeMap<>(ORDER);
    private final List<Change> workingChanges = new ArrayList<>();

    public ModelStore() {
        states.add(new TreeMap<>(ORDER));
        states.add(new TreeMap<>(ORDER));
    }

    /** A store that holds nothing and has gone through so many revisions. */
    public static ModelStore emptyAt(long revision) {
        ModelStore model = new ModelStore();
        while (model.revision() < revision) {
            model.states.add(new TreeMap<>(ORDER));
        }
        return model;
    }

    public long revision() {
        return states.size() - 1L;
    }

    public long compactRevision() {
        return compactRevision;
    }

    /** What watchers from a revision on are told. */
    public List<Change> history(long from) {
        List<Change> told = new ArrayList<>();
        for (Change change : changes) {
            if (change.revision < from || (change.revision == compactRevision && endedLaterInItsRevision(change))) {
                continue;
            }
            told.add(
                    change.revision > compactRevision
                            ? change
                            : new Change(
                                    change.revision,
                                    change.sub,
                                    change.event.toBuilder().clearPrevKv().build()));
        }
        return told;
    }

    private boolean endedLaterInItsRevision(Change change) {
        return change.event.getType() == Event.EventType.PUT
                && changes.stream()
                        .anyMatch(later -> later.revision == change.revision
                                && later.sub > change.sub
                                && later.event
                                        .getKv()
                                        .getKey()
                                        .equals(change.event.getKv().getKey()));
    }

    /** Carries out a command; the answer, or the error thrown. */
    public Message apply(MessageLite request) {
        working = new TreeMap<>(states.getLast());
        workingChanges.clear();
        Message answer = switch (request) {
            case PutRequest put -> {
                if (put.getLease() != 0 && !leaseExists(put.getLease())) {
                    throw EtcdError.LEASE_NOT_FOUND.exception();
                }
                yield put(put);
            }
            case DeleteRangeRequest delete -> delete(delete);
            case TxnRequest txn -> {
                Deque<Boolean> path = new ArrayDeque<>();
                decide(txn, path);
                check(txn, new ArrayDeque<>(path));
                TxnResponse response = txn(txn, new ArrayDeque<>(path));
                yield response.toBuilder().setHeader(header()).build();
            }
            case CompactionRequest compaction -> compact(compaction.getRevision());
            default -> throw new IllegalArgumentException();
        };
        if (!workingChanges.isEmpty()) {
            states.add(working);
            changes.addAll(workingChanges);
            workingChanges.clear();
        }
        return answer;
    }

    private static boolean leaseExists(long id) {
        return id >= 1 && id <= 5;
    }

    private CompactionResponse compact(long revision) {
        if (revision <= compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
        if (revision > revision()) {
            throw EtcdError.FUTURE_REV.exception();
        }
        compactRevision = revision;
        return CompactionResponse.newBuilder().setHeader(header()).build();
    }

    private long readRevision() {
        return revision() + (workingChanges.isEmpty() ? 0 : 1);
    }

    private ResponseHeader header() {
        return ResponseHeader.newBuilder().setRevision(readRevision()).build();
    }

    private PutResponse put(PutRequest request) {
        KeyValue old = working.get(request.getKey());
        if ((request.getIgnoreValue() || request.getIgnoreLease()) && old == null) {
            throw EtcdError.KEY_NOT_FOUND.exception();
        }
        long main = revision() + 1;
        KeyValue.Builder kv = KeyValue.newBuilder()
                .setKey(request.getKey())
                .setCreateRevision(old == null ? main : old.getCreateRevision())
                .setModRevision(main)
                .setVersion(old == null ? 1 : old.getVersion() + 1)
                .setValue(request.getIgnoreValue() && old != null ? old.getValue() : request.getValue())
                .setLease(request.getIgnoreLease() && old != null ? old.getLease() : request.getLease());
        working.put(request.getKey(), kv.build());
        change(Event.EventType.PUT, kv.build());
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header());
        if (request.getPrevKv() && old != null) {
            response.setPrevKv(old);
        }
        return response.build();
    }

    private void change(Event.EventType type, KeyValue kv) {
        Event.Builder event = Event.newBuilder().setType(type).setKv(kv);
        KeyValue before = states.getLast().get(kv.getKey());
        boolean creation = type == Event.EventType.PUT && kv.getCreateRevision() == kv.getModRevision();
        if (before != null && !creation) {
            event.setPrevKv(before);
        }
        workingChanges.add(new Change(revision() + 1, workingChanges.size(), event.build()));
    }

    private DeleteRangeResponse delete(DeleteRangeRequest request) {
        List<KeyValue> deleted = new ArrayList<>(
                select(working, request.getKey(), request.getRangeEnd()).values());
        for (KeyValue kv : deleted) {
            working.remove(kv.getKey());
            change(
                    Event.EventType.DELETE,
                    KeyValue.newBuilder()
                            .setKey(kv.getKey())
                            .setModRevision(revision() + 1)
                            .build());
        }
        DeleteRangeResponse.Builder response =
                DeleteRangeResponse.newBuilder().setHeader(header()).setDeleted(deleted.size());
        if (request.getPrevKv()) {
            response.addAllPrevKvs(deleted);
        }
        return response.build();
    }

    private static NavigableMap<ByteString, KeyValue> select(
            NavigableMap<ByteString, KeyValue> state, ByteString key, ByteString end) {
        NavigableMap<ByteString, KeyValue> selected = new TreeMap<>(ORDER);
        state.forEach((k, kv) -> {
            boolean in = end.isEmpty()
                    ? k.equals(key)
                    : ORDER.compare(k, key) >= 0
                            && (end.equals(ByteString.copyFrom(new byte[1])) || ORDER.compare(k, end) < 0);
            if (in) {
                selected.put(k, kv);
            }
        });
        return selected;
    }

    /** A read of its own. */
    public RangeResponse read(RangeRequest request) {
        working = states.getLast();
        // The command before may have failed half way.
        workingChanges.clear();
        return range(request);
    }

    private RangeResponse range(RangeRequest request) {
        long asked = request.getRevision();
        if (asked > readRevision()) {
            throw EtcdError.FUTURE_REV.exception();
        }
        long at = asked <= 0 ? readRevision() : asked;
        if (at < compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
        List<KeyValue> all = new ArrayList<>(
                select(at == readRevision() ? working : states.get((int) at), request.getKey(), request.getRangeEnd())
                        .values());
        RangeResponse.Builder response =
                RangeResponse.newBuilder().setHeader(header()).setCount(all.size());
        if (request.getCountOnly()) {
            return response.build();
        }
        boolean filters = request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
        long limit = request.getLimit();
        if (limit > 0 && request.getSortOrder() == RangeRequest.SortOrder.NONE && !filters && all.size() - 1 > limit) {
            all = new ArrayList<>(all.subList(0, (int) limit + 1));
        }
        all.removeIf(kv -> (request.getMaxModRevision() != 0 && kv.getModRevision() > request.getMaxModRevision())
                || (request.getMinModRevision() != 0 && kv.getModRevision() < request.getMinModRevision())
                || (request.getMaxCreateRevision() != 0 && kv.getCreateRevision() > request.getMaxCreateRevision())
                || (request.getMinCreateRevision() != 0 && kv.getCreateRevision() < request.getMinCreateRevision()));
        Comparator<KeyValue> order = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, ORDER);
            default -> Comparator.comparing(KeyValue::getKey, ORDER);
        };
        all.sort(request.getSortOrder() == RangeRequest.SortOrder.DESCEND ? order.reversed() : order);
        if (limit > 0 && all.size() > limit) {
            all = all.subList(0, (int) limit);
            response.setMore(true);
        }
        for (KeyValue kv : all) {
            response.addKvs(request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
        }
        return response.build();
    }

    private void decide(TxnRequest request, Deque<Boolean> path) {
        boolean holds = request.getCompareList().stream().allMatch(this::holds);
        path.add(holds);
        for (RequestOp operation : holds ? request.getSuccessList() : request.getFailureList()) {
            if (operation.hasRequestTxn()) {
                decide(operation.getRequestTxn(), path);
            }
        }
    }

    private boolean holds(Compare compare) {
        var selected = select(states.getLast(), compare.getKey(), compare.getRangeEnd());
        if (selected.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, null);
        }
        return selected.values().stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, @Nullable KeyValue found) {
        KeyValue kv = found == null ? KeyValue.getDefaultInstance() : found;
        int order = switch (compare.getTarget()) {
            case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
            case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
            case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
            case VALUE -> ORDER.compare(kv.getValue(), compare.getValue());
            case LEASE -> Long.compare(kv.getLease(), compare.getLease());
            case UNRECOGNIZED -> 0;
        };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case NOT_EQUAL -> order != 0;
            case UNRECOGNIZED -> true;
        };
    }

    /** Of what will be carried out, the puts first and then the ranges. */
    private void check(TxnRequest request, Deque<Boolean> path) {
        List<RequestOp> operations = new ArrayList<>();
        collect(request, path, operations);
        for (RequestOp operation : operations) {
            if (operation.hasRequestPut()) {
                PutRequest put = operation.getRequestPut();
                if ((put.getIgnoreValue() || put.getIgnoreLease())
                        && !states.getLast().containsKey(put.getKey())) {
                    throw EtcdError.KEY_NOT_FOUND.exception();
                }
                if (put.getLease() != 0 && !leaseExists(put.getLease())) {
                    throw EtcdError.LEASE_NOT_FOUND.exception();
                }
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestRange()) {
                long asked = operation.getRequestRange().getRevision();
                if (asked > revision()) {
                    throw EtcdError.FUTURE_REV.exception();
                }
                if (asked != 0 && asked < compactRevision) {
                    throw EtcdError.COMPACTED.exception();
                }
            }
        }
    }

    private static void collect(TxnRequest request, Deque<Boolean> path, List<RequestOp> operations) {
        for (RequestOp operation : path.remove() ? request.getSuccessList() : request.getFailureList()) {
            if (operation.hasRequestTxn()) {
                collect(operation.getRequestTxn(), path, operations);
            } else {
                operations.add(operation);
            }
        }
    }

    private TxnResponse txn(TxnRequest request, Deque<Boolean> path) {
        boolean holds = path.remove();
        TxnResponse.Builder response = TxnResponse.newBuilder()
                .setHeader(ResponseHeader.getDefaultInstance())
                .setSucceeded(holds);
        for (RequestOp operation : holds ? request.getSuccessList() : request.getFailureList()) {
            ResponseOp.Builder result = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> result.setResponseRange(range(operation.getRequestRange()));
                case REQUEST_PUT -> result.setResponsePut(put(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE -> result.setResponseDeleteRange(delete(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> result.setResponseTxn(txn(operation.getRequestTxn(), path));
                case REQUEST_NOT_SET -> {}
            }
            response.addResponses(result);
        }
        return response.build();
    }

    /** The error that an action ends with; null if it ends well. */
    public static @Nullable EtcdError errorOf(Runnable action) {
        try {
            action.run();
            return null;
        } catch (EtcdException e) {
            return e.error();
        }
    }
}
