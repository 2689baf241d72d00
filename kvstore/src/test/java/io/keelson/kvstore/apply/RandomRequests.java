package io.keelson.kvstore.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Requests of every kind with every flag, over few keys, so that they meet. */
public final class RandomRequests {
    private static final String[] KEYS = {"a", "aa", "a\0", "a\0\0", "a\0ÿ", "ab", "b", "c", "\0", "ÿÿ"};
    private static final String[] ENDS = {"\0", "b", "c", "z", "a\0\0", "aa", "ÿÿÿ", "\0\0"};

    private static final long[] ODD_NUMBERS = {-1, 0, 99, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32};

    private final Random random;
    private final boolean odd;

    /** Requests as clients make them. */
    RandomRequests(Random random) {
        this(random, false);
    }

    private RandomRequests(Random random, boolean odd) {
        this.random = random;
        this.odd = odd;
    }

    /**
     * Requests as nobody sane makes them: deep in each other, with flags that exclude each other, numbers out of every
     * range, choices that no version knows, and empty keys, in among ordinary ones.
     */
    public static RandomRequests odd(Random random) {
        return new RandomRequests(random, true);
    }

    private boolean oddity(int oneIn) {
        return odd && random.nextInt(oneIn) == 0;
    }

    private long oddNumber() {
        return ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)];
    }

    /** A command, at a time when the store is at a revision. */
    public Message command(long revision) {
        int kind = random.nextInt(20);
        if (kind < 8) {
            return put();
        }
        if (kind < 11) {
            return delete();
        }
        if (kind < 19) {
            return txn(revision, 0);
        }
        return CompactionRequest.newBuilder()
                .setRevision(someRevision(revision))
                .build();
    }

    private long someRevision(long revision) {
        if (oddity(20)) {
            return oddNumber();
        }
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong(-2, revision + 3);
            default -> Math.max(1, revision - random.nextInt(8));
        };
    }

    private ByteString key() {
        if (oddity(150)) {
            return ByteString.EMPTY;
        }
        return bytes(KEYS[random.nextInt(KEYS.length)]);
    }

    private ByteString end() {
        return random.nextInt(3) == 0 ? ByteString.EMPTY : bytes(ENDS[random.nextInt(ENDS.length)]);
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFrom(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private ByteString value() {
        return switch (random.nextInt(5)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> bytes("v".repeat(random.nextInt(300)));
            default -> bytes(Integer.toString(random.nextInt(3)));
        };
    }

    PutRequest put() {
        PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setPrevKv(random.nextBoolean());
        if (random.nextInt(8) == 0) {
            put.setIgnoreValue(true);
        } else {
            put.setValue(value());
        }
        if (random.nextInt(8) == 0) {
            put.setIgnoreLease(true);
        } else if (random.nextInt(3) == 0) {
            put.setLease(random.nextInt(20) == 0 ? 99 : 1 + random.nextInt(5));
        }
        if (oddity(30)) {
            put.setLease(oddNumber());
        }
        if (oddity(60)) {
            put.setValue(value()).setIgnoreValue(true).setIgnoreLease(true);
        }
        return put.build();
    }

    private DeleteRangeRequest delete() {
        return DeleteRangeRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(random.nextInt(3) == 0 ? end() : ByteString.EMPTY)
                .setPrevKv(random.nextBoolean())
                .build();
    }

    /** A range, at a time when the store is at a revision. */
    public RangeRequest range(long revision) {
        RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key()).setRangeEnd(end());
        if (random.nextInt(2) == 0) {
            range.setRevision(someRevision(revision));
        }
        if (random.nextInt(3) == 0) {
            range.setLimit(random.nextInt(5));
        }
        if (random.nextInt(3) == 0) {
            range.setSortOrderValue(random.nextInt(3)).setSortTargetValue(random.nextInt(5));
        }
        range.setKeysOnly(random.nextInt(4) == 0).setCountOnly(random.nextInt(6) == 0);
        if (random.nextInt(5) == 0) {
            range.setMinModRevision(someRevision(revision));
        }
        if (random.nextInt(5) == 0) {
            range.setMaxModRevision(someRevision(revision));
        }
        if (random.nextInt(5) == 0) {
            range.setMinCreateRevision(someRevision(revision));
        }
        if (random.nextInt(5) == 0) {
            range.setMaxCreateRevision(someRevision(revision));
        }
        if (oddity(40)) {
            range.setLimit(oddNumber());
        }
        if (oddity(150)) {
            range.setSortTargetValue(17).setSortOrderValue(random.nextInt(5));
        }
        return range.build();
    }

    TxnRequest txn(long revision, int depth) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addCompare(compare(revision));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addSuccess(operation(revision, depth));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addFailure(operation(revision, depth));
        }
        return txn.build();
    }

    private RequestOp operation(long revision, int depth) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        if (oddity(300)) {
            return operation.build();
        }
        switch (random.nextInt(depth < (odd ? 5 : 3) ? 8 : 6)) {
            case 0, 1 -> operation.setRequestRange(range(revision));
            case 2, 3, 4 -> operation.setRequestPut(put());
            case 5 -> operation.setRequestDeleteRange(delete());
            default -> operation.setRequestTxn(txn(revision, depth + 1));
        }
        return operation.build();
    }

    private Compare compare(long revision) {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(key())
                .setResultValue(random.nextInt(4))
                .setTargetValue(random.nextInt(5));
        if (random.nextInt(4) == 0) {
            compare.setRangeEnd(end());
        }
        if (oddity(30)) {
            // A value of another kind than the target, or of none.
            compare.setTargetValue(random.nextInt(7)).setResultValue(random.nextInt(6));
            return random.nextBoolean()
                    ? compare.build()
                    : compare.setModRevision(oddNumber()).build();
        }
        switch (compare.getTarget()) {
            case VERSION -> compare.setVersion(random.nextInt(3));
            case CREATE -> compare.setCreateRevision(someRevision(revision));
            case MOD -> compare.setModRevision(someRevision(revision));
            case LEASE -> compare.setLease(random.nextInt(3));
            default -> compare.setValue(value());
        }
        return compare.build();
    }
}
