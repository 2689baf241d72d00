package io.keelson.kvstore.differential;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.differential.Call.WatchOpen;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Draws calls from a seed. Keys come from a small set with shared prefixes, empty and odd bytes among them, so that calls
 * meet each other; about one in twenty calls is meant to be refused. Watches share streams, and their ids and those of leases
 * are chosen by either side. Now and then come values so large that what watches are told is cut into fragments.
 */
final class RandomCalls {
    private static final long LEASE_TTL_SECONDS_MIN = 3_600;
    private static final int LEASES = 12;
    private static final int WATCHES_OPEN_MAX = 12;

    /** Streams that watches share; every other watch has one of its own. */
    private static final int SHARED_STREAMS = 3;

    /** Ids from here on stand for those that servers choose. */
    static final long SERVER_CHOSEN_LEASES = 1L << 40;

    private static final int SERVER_CHOSEN_LEASES_KEPT = 5;

    /** What is granted is at least the least that an election needs, and at most about 285 years. */
    private static final long[] ODD_TTLS_SECONDS = {
        Long.MIN_VALUE, -1, 0, 1, 2, 3, 4, 5, 10, 60, 9_000_000_000L, 9_000_000_001L, Long.MAX_VALUE
    };

    /** Two of these in a transaction are within what a request may be; with what they replace, they are not within one answer. */
    private static final int LARGE_VALUE_BYTES = 600 << 10;

    private static final int CALLS_BETWEEN_LARGE_VALUES = 4_000;

    private final SplittableRandom random;

    /** For what is decided about a call that has been drawn. */
    private final SplittableRandom afterwards;

    private final List<ByteString> keys = new ArrayList<>();
    private final List<Integer> openWatches = new ArrayList<>();
    private final Map<Integer, WatchOpen> opened = new HashMap<>();
    private final List<Long> serverChosenLeases = new ArrayList<>();
    private final Queue<LongFunction<Call>> planned = new ArrayDeque<>();
    private int nextWatch;
    private int nextStream = SHARED_STREAMS;
    private long nextServerChosenLease = SERVER_CHOSEN_LEASES;
    private int untilLargeValues = CALLS_BETWEEN_LARGE_VALUES / 4;

    RandomCalls(long seed) {
        random = new SplittableRandom(seed);
        afterwards = new SplittableRandom(~seed);
        for (String prefix : new String[] {"a", "a/", "b", "b/c/", "z"}) {
            keys.add(ByteString.copyFromUtf8(prefix));
            for (int i = 0; i < 5; i++) {
                keys.add(ByteString.copyFromUtf8(prefix + i));
            }
        }
        keys.add(ByteString.copyFrom(new byte[] {0}));
        keys.add(ByteString.copyFrom(new byte[] {0, 0}));
        keys.add(ByteString.copyFrom(new byte[] {(byte) 0xff}));
        keys.add(ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff}));
        keys.add(ByteString.copyFrom(new byte[] {'a', 0}));
    }

    /** The next call, given the store's revision as the last answer told it. */
    Call next(long revision, long compacted) {
        if (--untilLargeValues <= 0) {
            planLargeValues();
            untilLargeValues = CALLS_BETWEEN_LARGE_VALUES;
        }
        LongFunction<Call> plan = planned.poll();
        if (plan != null) {
            return plan.apply(revision);
        }
        int dice = random.nextInt(1000);
        if (dice < 300) {
            return new Call.Put(put(0));
        }
        if (dice < 500) {
            return new Call.Range(range(revision, compacted, true));
        }
        if (dice < 600) {
            return new Call.DeleteRange(delete());
        }
        if (dice < 830) {
            TxnRequest txn = txn(revision, compacted, 3);
            // A put that keeps the value of a key which the same Txn deleted before takes a real etcd down.
            return new Call.Txn(deletes(txn) ? txn : withKeptParts(txn));
        }
        if (dice < 840) {
            return new Call.Compact(CompactionRequest.newBuilder()
                    .setRevision(aRevision(revision, compacted))
                    .setPhysical(random.nextBoolean())
                    .build());
        }
        if (dice < 850) {
            return new Call.LeaseGrant(1L + random.nextInt(LEASES), LEASE_TTL_SECONDS_MIN + random.nextInt(10_000));
        }
        if (dice < 855) {
            serverChosenLeases.add(nextServerChosenLease);
            if (serverChosenLeases.size() > SERVER_CHOSEN_LEASES_KEPT) {
                serverChosenLeases.removeFirst();
            }
            return new Call.LeaseGrantAny(nextServerChosenLease++, LEASE_TTL_SECONDS_MIN + random.nextInt(10_000));
        }
        if (dice < 860) {
            return new Call.LeaseBriefly(aLease(), ODD_TTLS_SECONDS[random.nextInt(ODD_TTLS_SECONDS.length)]);
        }
        if (dice < 875) {
            return new Call.LeaseRevoke(aLease());
        }
        if (dice < 890) {
            return new Call.LeaseKeepAlive(aLease());
        }
        if (dice < 910) {
            return new Call.LeaseTimeToLive(aLease(), random.nextBoolean());
        }
        if (dice < 915) {
            return new Call.LeaseLeases();
        }
        if ((openWatches.size() < WATCHES_OPEN_MAX && dice < 965) || openWatches.isEmpty()) {
            return open(watch(revision, compacted), revision, compacted);
        }
        Integer canceled = openWatches.get(random.nextInt(openWatches.size()));
        return cancel(canceled);
    }

    /**
     * Opens a watch on one of the streams that are shared, or on one of its own, with an id that is chosen by turns: by the
     * server; by the client, and small, so that the server has to leave it out; by the client, and taken.
     */
    private WatchOpen open(WatchCreateRequest request, long revision, long compacted) {
        int number = nextWatch++;
        long start = request.getStartRevision();
        // Where a watch waits for the future, or was ended by a compaction, etcd says nothing of progress to any watch
        // of
        // its stream.
        boolean shared = (start == 0 || (start >= compacted && start <= revision)) && random.nextInt(4) > 0;
        int stream = shared ? random.nextInt(SHARED_STREAMS) : nextStream++;
        WatchCreateRequest.Builder chosen = request.toBuilder();
        switch (random.nextInt(3)) {
            case 0 -> chosen.setWatchId(1L + random.nextInt(40));
            case 1 -> {
                List<Long> taken = opened.values().stream()
                        .filter(other -> other.stream() == stream)
                        .map(other -> other.request().getWatchId())
                        .filter(id -> id != 0)
                        .toList();
                if (!taken.isEmpty()) {
                    chosen.setWatchId(taken.get(random.nextInt(taken.size())));
                }
            }
            default -> {}
        }
        WatchOpen open = new WatchOpen(number, stream, chosen.build());
        openWatches.add(number);
        opened.put(number, open);
        return open;
    }

    private Call.WatchCancel cancel(Integer number) {
        openWatches.remove(/* element */ number);
        opened.remove(number);
        return new Call.WatchCancel(number);
    }

    /** A watch ended by itself, or was refused. */
    void ended(Integer number) {
        openWatches.remove(/* element */ number);
        opened.remove(number);
    }

    /**
     * Values so large that what watches are told of them comes in fragments: to a watch that follows, two changes of one
     * transaction with what they replace; to a watch that begins in the past, all of them at once. Then they are deleted.
     */
    private void planLargeValues() {
        ByteString first = ByteString.copyFromUtf8("large/1");
        ByteString second = ByteString.copyFromUtf8("large/2");
        WatchCreateRequest.Builder watch = WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("large/"))
                .setRangeEnd(ByteString.copyFromUtf8("large0"))
                .setPrevKv(true)
                .setFragment(true);
        planned.add(revision -> open(watch.build(), revision, 0));
        int following = nextWatch;
        long[] begin = new long[1];
        planned.add(revision -> {
            begin[0] = revision + 1;
            return new Call.Put(large(first));
        });
        planned.add(_ -> new Call.Put(large(second)));
        planned.add(_ -> new Call.Txn(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(large(first)))
                .addSuccess(RequestOp.newBuilder().setRequestPut(large(second)))
                .build()));
        planned.add(revision -> open(watch.setStartRevision(begin[0]).build(), revision, 0));
        planned.add(_ -> cancel(following));
        planned.add(_ -> cancel(following + 1));
        planned.add(_ -> new Call.DeleteRange(DeleteRangeRequest.newBuilder()
                .setKey(watch.getKey())
                .setRangeEnd(watch.getRangeEnd())
                .build()));
    }

    private PutRequest large(ByteString key) {
        byte[] value = new byte[LARGE_VALUE_BYTES];
        random.nextBytes(value);
        return PutRequest.newBuilder()
                .setKey(key)
                .setValue(ByteString.copyFrom(value))
                .build();
    }

    private ByteString aKey() {
        return random.nextInt(60) == 0 ? ByteString.EMPTY : keys.get(random.nextInt(keys.size()));
    }

    /** An end for a range: none, everything from the key, a prefix, another key (before or behind). */
    private ByteString anEnd(ByteString key) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> ByteString.EMPTY;
            case 2 -> ByteString.copyFrom(new byte[] {0});
            case 3, 4 -> prefixEnd(key);
            default -> keys.get(random.nextInt(keys.size()));
        };
    }

    static ByteString prefixEnd(ByteString key) {
        byte[] end = key.toByteArray();
        for (int i = end.length - 1; i >= 0; i--) {
            if (end[i] != (byte) 0xff) {
                end[i]++;
                return ByteString.copyFrom(end, 0, i + 1);
            }
        }
        return ByteString.copyFrom(new byte[] {0});
    }

    private long aLease() {
        return !serverChosenLeases.isEmpty() && random.nextInt(4) == 0
                ? serverChosenLeases.get(random.nextInt(serverChosenLeases.size()))
                : 1L + random.nextInt(LEASES);
    }

    private long aRevision(long revision, long compacted) {
        if (random.nextInt(10) == 0) {
            return revision + random.nextInt(-2, 3);
        }
        long low = Math.max(1, compacted - 2);
        return low + random.nextLong(Math.max(1, revision - low + 1));
    }

    private PutRequest put(int insideTxn) {
        PutRequest.Builder put = PutRequest.newBuilder().setKey(aKey()).setPrevKv(random.nextInt(4) == 0);
        int flags = random.nextInt(20);
        // What puts inside a Txn keep is decided when the whole of it is known.
        if (flags == 0 && insideTxn == 0) {
            put.setIgnoreValue(true);
        } else if (flags == 1 && insideTxn == 0) {
            put.setIgnoreLease(true).setValue(aValue());
        } else {
            put.setValue(aValue());
        }
        if (flags == 2 && insideTxn == 0) {
            put.setIgnoreValue(true);
        }
        if (random.nextInt(5) == 0) {
            put.setLease(aLease());
        }
        return put.build();
    }

    private ByteString aValue() {
        int length = random.nextInt(8) == 0 ? 0 : random.nextInt(40);
        byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            value[i] = (byte) random.nextInt(256);
        }
        return ByteString.copyFrom(value);
    }

    private DeleteRangeRequest delete() {
        ByteString key = aKey();
        DeleteRangeRequest.Builder delete =
                DeleteRangeRequest.newBuilder().setKey(key).setPrevKv(random.nextBoolean());
        if (random.nextInt(3) == 0) {
            delete.setRangeEnd(anEnd(key));
        }
        return delete.build();
    }

    /**
     * A range; with {@code anySort} also one sorted by what several keys may have in common. Which of those etcd puts
     * first is an accident of its sorting, so such a range has no limit and its answer is compared with that in mind.
     */
    private RangeRequest range(long revision, long compacted, boolean anySort) {
        ByteString key = aKey();
        RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key).setRangeEnd(anEnd(key));
        if (random.nextInt(3) == 0) {
            range.setLimit(random.nextInt(6));
        }
        if (random.nextInt(3) == 0) {
            range.setRevision(aRevision(revision, compacted));
        }
        if (random.nextInt(2) == 0) {
            range.setSortOrderValue(random.nextInt(3)).setSortTargetValue(anySort ? random.nextInt(5) : 0);
        }
        if (range.getSortTarget() != RangeRequest.SortTarget.KEY) {
            range.clearLimit();
        }
        range.setSerializable(random.nextInt(4) == 0);
        range.setKeysOnly(random.nextInt(6) == 0);
        range.setCountOnly(random.nextInt(8) == 0);
        if (random.nextInt(8) == 0) {
            range.setMinModRevision(aRevision(revision, compacted));
        }
        if (random.nextInt(8) == 0) {
            range.setMaxModRevision(aRevision(revision, compacted));
        }
        if (random.nextInt(8) == 0) {
            range.setMinCreateRevision(aRevision(revision, compacted));
        }
        if (random.nextInt(8) == 0) {
            range.setMaxCreateRevision(aRevision(revision, compacted));
        }
        return range.build();
    }

    private TxnRequest txn(long revision, long compacted, int depth) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addCompare(compare(revision, compacted));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addSuccess(operation(revision, compacted, depth));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addFailure(operation(revision, compacted, depth));
        }
        return txn.build();
    }

    private static boolean deletes(TxnRequest txn) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
                .anyMatch(operation -> operation.hasRequestDeleteRange()
                        || (operation.hasRequestTxn() && deletes(operation.getRequestTxn())));
    }

    /** The same with some puts, at any depth, that keep the value or the lease which their key has. */
    private TxnRequest withKeptParts(TxnRequest txn) {
        TxnRequest.Builder changed = txn.toBuilder().clearSuccess().clearFailure();
        txn.getSuccessList().forEach(operation -> changed.addSuccess(withKeptParts(operation)));
        txn.getFailureList().forEach(operation -> changed.addFailure(withKeptParts(operation)));
        return changed.build();
    }

    private RequestOp withKeptParts(RequestOp operation) {
        if (operation.hasRequestTxn()) {
            return operation.toBuilder()
                    .setRequestTxn(withKeptParts(operation.getRequestTxn()))
                    .build();
        }
        if (!operation.hasRequestPut()) {
            return operation;
        }
        PutRequest.Builder put = operation.getRequestPut().toBuilder();
        switch (afterwards.nextInt(10)) {
            case 0 -> put.clearValue().setIgnoreValue(true);
            case 1 -> put.clearLease().setIgnoreLease(true);
            // Mostly with a value, and then refused.
            case 2 -> put.setIgnoreValue(true);
            default -> {}
        }
        return operation.toBuilder().setRequestPut(put).build();
    }

    private RequestOp operation(long revision, long compacted, int depth) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        switch (random.nextInt(depth > 0 ? 8 : 7)) {
            case 0, 1, 2 -> operation.setRequestPut(put(1));
            case 3, 4 -> operation.setRequestRange(range(revision, compacted, false));
            case 5, 6 -> operation.setRequestDeleteRange(delete());
            default -> operation.setRequestTxn(txn(revision, compacted, depth - 1));
        }
        return operation.build();
    }

    private Compare compare(long revision, long compacted) {
        ByteString key = aKey();
        Compare.Builder compare = Compare.newBuilder().setKey(key).setResultValue(random.nextInt(4));
        if (random.nextInt(4) == 0) {
            compare.setRangeEnd(anEnd(key));
        }
        switch (random.nextInt(5)) {
            case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(4));
            case 1 ->
                compare.setTarget(Compare.CompareTarget.CREATE)
                        .setCreateRevision(random.nextBoolean() ? 0 : aRevision(revision, compacted));
            case 2 ->
                compare.setTarget(Compare.CompareTarget.MOD)
                        .setModRevision(random.nextBoolean() ? 0 : aRevision(revision, compacted));
            case 3 -> compare.setTarget(Compare.CompareTarget.VALUE).setValue(aValue());
            default -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(random.nextInt(LEASES));
        }
        return compare.build();
    }

    private WatchCreateRequest watch(long revision, long compacted) {
        ByteString key = aKey();
        WatchCreateRequest.Builder watch =
                WatchCreateRequest.newBuilder().setKey(key).setRangeEnd(anEnd(key));
        if (random.nextBoolean()) {
            watch.setStartRevision(aRevision(revision, compacted));
        }
        watch.setPrevKv(random.nextBoolean());
        watch.setProgressNotify(random.nextBoolean());
        watch.setFragment(random.nextInt(4) == 0);
        if (random.nextInt(6) == 0) {
            watch.addFiltersValue(random.nextInt(2));
        }
        return watch.build();
    }
}
