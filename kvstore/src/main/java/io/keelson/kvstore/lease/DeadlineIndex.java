package io.keelson.kvstore.lease;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All leases in memory, by id and by deadline: a hash table from id to a slot, and a binary heap of slots with the
 * earliest deadline on top. About 50 bytes a lease, no objects. Grows with the number of leases, and only with it.
 *
 * <p>Not thread-safe.
 */
final class DeadlineIndex {
    private static final int CAPACITY_MIN = 16;
    private static final int ABSENT = -1;

    /** Ids are chosen by clients; without a secret in the hash they could be chosen to collide. */
    private final long seed;

    private long[] ids = new long[CAPACITY_MIN];
    private long[] ttlSeconds = new long[CAPACITY_MIN];
    private long[] deadlineMs = new long[CAPACITY_MIN];
    /** By slot: its place in the heap, or, for a free slot, the next free one. */
    private int[] places = new int[CAPACITY_MIN];

    private int[] heap = new int[CAPACITY_MIN];
    /** Open addressing with linear probing: slot + 1, or 0 where nothing is. At most half full. */
    private int[] table = new int[2 * CAPACITY_MIN];

    private int size;
    private int slotsUsed;
    private int firstFree = ABSENT;

    DeadlineIndex(long seed) {
        this.seed = seed;
    }

    int size() {
        return size;
    }

    void clear() {
        ids = new long[CAPACITY_MIN];
        ttlSeconds = new long[CAPACITY_MIN];
        deadlineMs = new long[CAPACITY_MIN];
        places = new int[CAPACITY_MIN];
        heap = new int[CAPACITY_MIN];
        table = new int[2 * CAPACITY_MIN];
        size = 0;
        slotsUsed = 0;
        firstFree = ABSENT;
    }

    /** Adds a lease, or replaces what is known of it. */
    void put(long id, LeaseRecord lease) {
        int at = find(id);
        if (table[at] != 0) {
            int slot = table[at] - 1;
            ttlSeconds[slot] = lease.ttlSeconds();
            deadlineMs[slot] = lease.deadlineMs();
            siftUp(places[slot]);
            siftDown(places[slot]);
            return;
        }
        int slot = newSlot();
        ids[slot] = id;
        ttlSeconds[slot] = lease.ttlSeconds();
        deadlineMs[slot] = lease.deadlineMs();
        heap[size] = slot;
        places[slot] = size;
        size++;
        // The table may have been rebuilt for a larger size.
        table[find(id)] = slot + 1;
        siftUp(size - 1);
    }

    /** Removes a lease if it is known. */
    void remove(long id) {
        int at = find(id);
        if (table[at] == 0) {
            return;
        }
        int slot = table[at] - 1;
        removeFromTable(at);
        int place = places[slot];
        size--;
        if (place != size) {
            int moved = heap[size];
            heap[place] = moved;
            places[moved] = place;
            siftUp(place);
            siftDown(places[moved]);
        }
        places[slot] = firstFree;
        firstFree = slot;
    }

    @Nullable
    LeaseRecord get(long id) {
        int entry = table[find(id)];
        return entry == 0 ? null : new LeaseRecord(ttlSeconds[entry - 1], deadlineMs[entry - 1]);
    }

    /** Ids of expired leases, at most so many, those that expired first among the first. */
    long[] expired(long clusterTimeMs, int countMax) {
        int[] found = new int[Math.min(size, countMax)];
        int count = 0;
        // Breadth first through the part of the heap that has expired: nothing below an unexpired lease has.
        if (size > 0 && count < found.length && deadlineMs[heap[0]] <= clusterTimeMs) {
            found[count++] = 0;
        }
        for (int i = 0; i < count; i++) {
            for (int child = 2 * found[i] + 1; child <= 2 * found[i] + 2; child++) {
                if (child < size && count < found.length && deadlineMs[heap[child]] <= clusterTimeMs) {
                    found[count++] = child;
                }
            }
        }
        long[] result = new long[count];
        for (int i = 0; i < count; i++) {
            result[i] = ids[heap[found[i]]];
        }
        return result;
    }

    /** A copy of all ids and deadlines: the id of lease i at 2 i, its deadline after it; in no order. */
    long[] copy() {
        long[] result = new long[2 * size];
        for (int i = 0; i < size; i++) {
            result[2 * i] = ids[heap[i]];
            result[2 * i + 1] = deadlineMs[heap[i]];
        }
        return result;
    }

    private int newSlot() {
        if (firstFree != ABSENT) {
            int slot = firstFree;
            firstFree = places[slot];
            return slot;
        }
        if (slotsUsed == ids.length) {
            grow();
        }
        return slotsUsed++;
    }

    private void grow() {
        int capacity = Math.multiplyExact(ids.length, 2);
        ids = Arrays.copyOf(ids, capacity);
        ttlSeconds = Arrays.copyOf(ttlSeconds, capacity);
        deadlineMs = Arrays.copyOf(deadlineMs, capacity);
        places = Arrays.copyOf(places, capacity);
        heap = Arrays.copyOf(heap, capacity);
        table = new int[Math.multiplyExact(capacity, 2)];
        for (int i = 0; i < size; i++) {
            table[find(ids[heap[i]])] = heap[i] + 1;
        }
    }

    /** Where in the table the id is, or where it would go. */
    private int find(long id) {
        int at = home(id);
        while (table[at] != 0 && ids[table[at] - 1] != id) {
            at = (at + 1) & (table.length - 1);
        }
        return at;
    }

    private int home(long id) {
        long mixed = (id ^ seed) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return (int) (mixed ^ (mixed >>> 32)) & (table.length - 1);
    }

    /** Empties a place and moves up the entries behind it that would otherwise not be found any more. */
    private void removeFromTable(int at) {
        int hole = at;
        int next = at;
        while (true) {
            next = (next + 1) & (table.length - 1);
            if (table[next] == 0) {
                break;
            }
            int home = home(ids[table[next] - 1]);
            boolean reachesHole = ((next - home) & (table.length - 1)) >= ((next - hole) & (table.length - 1));
            if (reachesHole) {
                table[hole] = table[next];
                hole = next;
            }
        }
        table[hole] = 0;
    }

    private void siftUp(int from) {
        int place = from;
        int slot = heap[place];
        while (place > 0) {
            int parent = (place - 1) / 2;
            if (deadlineMs[heap[parent]] <= deadlineMs[slot]) {
                break;
            }
            set(place, heap[parent]);
            place = parent;
        }
        set(place, slot);
    }

    private void siftDown(int from) {
        int place = from;
        int slot = heap[place];
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && deadlineMs[heap[child + 1]] < deadlineMs[heap[child]]) {
                child++;
            }
            if (deadlineMs[slot] <= deadlineMs[heap[child]]) {
                break;
            }
            set(place, heap[child]);
            place = child;
        }
        set(place, slot);
    }

    private void set(int place, int slot) {
        heap[place] = slot;
        places[slot] = place;
    }
}
