package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeRequest.SortOrder;
import io.keelson.kvstore.api.RangeRequest.SortTarget;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Answers range requests, with etcd's rules.
 *
 * <ul>
 *   <li>A revision of 0 or below means the newest. One that was compacted, or lies in the future, is an error.
 *   <li>{@code count} is the number of keys in the range at the revision, whatever limit and filters leave of them.
 *   <li>Filters by revision come before the limit; a sort other than by ascending key does too. The exception is etcd's: a
 *       target without an order sorts, ascending, what the limit had already cut down to one more than it allows.
 * </ul>
 */
final class RangeReader {
    static final int KVS_TAG = (2 << 3) | 2;
    private static final int MORE_TAG = 3 << 3;
    private static final int COUNT_TAG = 4 << 3;

    private final Tables tables;
    private final long currentRevision;
    private final long compactRevision;
    private final AnswerRoom.Share room;

    /** @param room for the answer, and for what is held to sort it */
    RangeReader(Tables tables, long currentRevision, long compactRevision, AnswerRoom.Share room) {
        this.tables = tables;
        this.currentRevision = currentRevision;
        this.compactRevision = compactRevision;
        this.room = room;
    }

    /**
     * @throws io.keelson.kvstore.errors.EtcdException COMPACTED, FUTURE_REV, or what {@link AnswerRoom.Share#take} throws
     */
    RangeResult read(RangeRequest request) {
        long revision = resolve(request.getRevision());
        KeyRange range = KeyRange.of(
                request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
        if (range.single()) {
            return readSingle(request, range.from(), revision);
        }
        if (range.empty()) {
            return finish(new EncodedKeyValues(room, 0), 0, 0, false);
        }
        if (request.getCountOnly() && revision == currentRevision) {
            return finish(new EncodedKeyValues(room, 16), 0, tables.countKeys(range.from(), range.to()), false);
        }
        try (KeyValues keyValues = open(range, revision)) {
            if (request.getCountOnly()) {
                return finish(new EncodedKeyValues(room, 16), 0, keyValues.countRest(), false);
            }
            return sorts(request) ? readSorted(request, keyValues) : readInOrder(request, keyValues);
        }
    }

    /** The revision to read at. */
    long resolve(long asked) {
        if (asked > currentRevision) {
            throw EtcdError.FUTURE_REV.exception();
        }
        long revision = asked <= 0 ? currentRevision : asked;
        if (revision < compactRevision) {
            throw EtcdError.COMPACTED.exception();
        }
        return revision;
    }

    KeyValues open(KeyRange range, long revision) {
        return revision == currentRevision
                ? new CurrentKeyValues(tables, range)
                : new PastKeyValues(tables, range, revision, false);
    }

    /** Whether the answer's order is another than that of the keys. */
    static boolean sorts(RangeRequest request) {
        if (request.getSortTarget() == SortTarget.KEY) {
            return request.getSortOrder() == SortOrder.DESCEND;
        }
        return true;
    }

    static boolean filters(RangeRequest request) {
        return request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
    }

    private RangeResult readSingle(RangeRequest request, byte[] key, long revision) {
        byte[] stored =
                revision == currentRevision ? tables.get(Table.CURRENT, key) : VersionLookup.at(tables, key, revision);
        if (stored == null) {
            return finish(new EncodedKeyValues(room, 0), 0, 0, false);
        }
        if (request.getCountOnly()) {
            return finish(new EncodedKeyValues(room, 16), 0, 1, false);
        }
        StoredRecord record = StoredRecord.parse(stored);
        EncodedKeyValues out = new EncodedKeyValues(room, key.length + stored.length + 24);
        boolean passes = passes(request, record);
        if (passes) {
            out.append(KVS_TAG, key, stored, request.getKeysOnly() ? record.headLength() : record.length());
        }
        return finish(out, passes ? 1 : 0, 1, false);
    }

    private RangeResult readInOrder(RangeRequest request, KeyValues keyValues) {
        boolean filters = filters(request);
        long limit = request.getLimit() <= 0 ? Long.MAX_VALUE : request.getLimit();
        boolean keysOnly = request.getKeysOnly();
        EncodedKeyValues out = new EncodedKeyValues(room);
        long count = 0;
        int taken = 0;
        boolean more = false;
        while (keyValues.valid()) {
            if (taken == limit && (more || !filters)) {
                long rest = keyValues.countRest();
                return finish(out, taken, count + rest, more || rest > 0);
            }
            count++;
            if (!filters || passes(request, StoredRecord.parse(keyValues.stored()))) {
                if (taken == limit) {
                    more = true;
                } else {
                    keyValues.appendTo(out, KVS_TAG, keysOnly);
                    taken++;
                }
            }
            keyValues.next();
        }
        return finish(out, taken, count, more);
    }

    private record Item(byte[] key, byte[] stored, StoredRecord record) {
        long sizeBytes() {
            return key.length + stored.length + 128L;
        }
    }

    /** Holds the whole range, or what the limit can still leave of it: whenever twice that has come together, it is cut. */
    private RangeResult readSorted(RangeRequest request, KeyValues keyValues) {
        boolean filters = filters(request);
        long limit = request.getLimit() <= 0 ? Long.MAX_VALUE : request.getLimit();
        boolean cutFirst = request.getSortOrder() == SortOrder.NONE && !filters && limit != Long.MAX_VALUE;
        Comparator<Item> order = order(request);
        List<Item> items = new ArrayList<>();
        long count = 0;
        long passed = 0;
        for (; keyValues.valid(); keyValues.next()) {
            if (cutFirst && passed > limit) {
                count += keyValues.countRest();
                break;
            }
            count++;
            byte[] stored = keyValues.stored();
            StoredRecord record = StoredRecord.parse(stored);
            if (!passes(request, record)) {
                continue;
            }
            passed++;
            Item item = new Item(keyValues.key(), stored, record);
            room.take(item.sizeBytes());
            items.add(item);
            if (!cutFirst && items.size() >= 1024 && items.size() / 2 >= limit) {
                cut(items, order, (int) limit);
            }
        }
        cut(items, order, (int) Math.min(limit, items.size()));
        EncodedKeyValues out = new EncodedKeyValues(room);
        int taken = items.size();
        // From the end, where a list gives up its items at no cost: each makes room for itself in the answer.
        Collections.reverse(items);
        while (!items.isEmpty()) {
            Item item = items.removeLast();
            room.give(item.sizeBytes());
            out.append(
                    KVS_TAG,
                    item.key,
                    item.stored,
                    request.getKeysOnly() ? item.record.headLength() : item.record.length());
        }
        return finish(out, taken, count, passed > limit);
    }

    private void cut(List<Item> items, Comparator<Item> order, int size) {
        items.sort(order);
        List<Item> beyond = items.subList(size, items.size());
        room.give(beyond.stream().mapToLong(Item::sizeBytes).sum());
        beyond.clear();
    }

    private static Comparator<Item> order(RangeRequest request) {
        Comparator<Item> ascending = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(item -> item.record.version());
            case CREATE -> Comparator.comparingLong(item -> item.record.createRevision());
            case MOD -> Comparator.comparingLong(item -> item.record.modRevision());
            case VALUE -> RangeReader::compareValues;
            case KEY, UNRECOGNIZED -> (one, other) -> Arrays.compareUnsigned(one.key, other.key);
        };
        return request.getSortOrder() == SortOrder.DESCEND ? ascending.reversed() : ascending;
    }

    private static int compareValues(Item one, Item other) {
        int oneFrom = one.record.valueLength() == 0 ? 0 : one.record.valueOffset();
        int otherFrom = other.record.valueLength() == 0 ? 0 : other.record.valueOffset();
        return Arrays.compareUnsigned(
                one.stored,
                oneFrom,
                oneFrom + one.record.valueLength(),
                other.stored,
                otherFrom,
                otherFrom + other.record.valueLength());
    }

    private static boolean passes(RangeRequest request, StoredRecord record) {
        return (request.getMaxModRevision() == 0 || record.modRevision() <= request.getMaxModRevision())
                && (request.getMinModRevision() == 0 || record.modRevision() >= request.getMinModRevision())
                && (request.getMaxCreateRevision() == 0 || record.createRevision() <= request.getMaxCreateRevision())
                && (request.getMinCreateRevision() == 0 || record.createRevision() >= request.getMinCreateRevision());
    }

    RangeResult finish(EncodedKeyValues out, int keyValues, long count, boolean more) {
        out.append(MORE_TAG, more ? 1 : 0);
        out.append(COUNT_TAG, count);
        return new RangeResult(currentRevision, count, more, keyValues, out.toBody());
    }
}
