package io.keelson.raft.jraft;

import io.keelson.raft.CommittedBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The batch that the apply thread fills, hands to the state machine, and uses again. */
final class CommittedEntries implements CommittedBatch, EntryFormat.Visitor {
    private static final int FIRST_CAPACITY = 256;

    private final long memberId;
    private final Proposals proposals;

    private int size;
    private byte[][] arrays = new byte[FIRST_CAPACITY][];
    private int[] offsets = new int[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private long[] indexes = new long[FIRST_CAPACITY];
    private long[] terms = new long[FIRST_CAPACITY];
    private long[] times = new long[FIRST_CAPACITY];
    private @Nullable Proposal[] waiters = new Proposal[FIRST_CAPACITY];
    private @Nullable Object[] results = new Object[FIRST_CAPACITY];
    private long lastIndex;
    private long lastTerm;
    private long bytes;
    private boolean filled;

    private int entryStart;
    private @Nullable Parcel parcel;
    private int parcelPosition;

    CommittedEntries(long memberId, Proposals proposals) {
        this.memberId = memberId;
        this.proposals = proposals;
    }

    /**
     * Adds an entry.
     *
     * @return its cluster time
     * @throws IllegalArgumentException if it cannot be read
     */
    long add(ByteBuffer entry, long index, long term) {
        entryStart = size;
        bytes += entry.remaining();
        long time = EntryFormat.read(entry, this);
        for (int i = entryStart; i < size; i++) {
            indexes[i] = index;
            terms[i] = term;
            times[i] = time;
        }
        advance(index, term);
        return time;
    }

    /** Moves on to an entry that carries nothing. */
    void advance(long index, long term) {
        lastIndex = index;
        lastTerm = term;
        filled = true;
    }

    @Override
    public void parcel(long origin, long sequence, int commands) {
        parcel = origin == memberId ? proposals.committed(sequence) : null;
        parcelPosition = 0;
        if (size + commands > arrays.length) {
            grow(Math.max(size + commands, arrays.length * 2));
        }
    }

    @Override
    public void command(byte[] array, int offset, int length) {
        arrays[size] = array;
        offsets[size] = offset;
        lengths[size] = length;
        if (parcel != null && parcelPosition < parcel.proposals().length) {
            Proposal proposal = parcel.proposals()[parcelPosition++];
            waiters[size] = proposal;
        }
        size++;
    }

    private void grow(int capacity) {
        arrays = Arrays.copyOf(arrays, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        indexes = Arrays.copyOf(indexes, capacity);
        terms = Arrays.copyOf(terms, capacity);
        times = Arrays.copyOf(times, capacity);
        waiters = Arrays.copyOf(waiters, capacity);
        results = Arrays.copyOf(results, capacity);
    }

    boolean filled() {
        return filled;
    }

    long bytes() {
        return bytes;
    }

    /** What is to be told to proposers of this member, or null if nobody waits. */
    @Nullable
    Runnable results() {
        List<Proposal> settled = new ArrayList<>();
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Proposal waiter = waiters[i];
            if (waiter != null) {
                settled.add(waiter);
                values.add(results[i]);
            }
        }
        if (settled.isEmpty()) {
            return null;
        }
        return () -> {
            for (int i = 0; i < settled.size(); i++) {
                proposals.settle(settled.get(i), values.get(i));
            }
        };
    }

    /** Tells proposers of this member that their commands were not, or not wholly, applied here. */
    void abandon(String why) {
        for (int i = 0; i < size; i++) {
            Proposal waiter = waiters[i];
            if (waiter != null) {
                proposals.abandon(waiter, why);
            }
        }
    }

    void clear() {
        Arrays.fill(arrays, 0, size, null);
        Arrays.fill(waiters, 0, size, null);
        Arrays.fill(results, 0, size, null);
        size = 0;
        bytes = 0;
        filled = false;
        parcel = null;
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    @Override
    public long lastTerm() {
        return lastTerm;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public ByteBuffer command(int i) {
        return ByteBuffer.wrap(arrays[check(i)], offsets[i], lengths[i]).slice().asReadOnlyBuffer();
    }

    @Override
    public long index(int i) {
        return indexes[check(i)];
    }

    @Override
    public long term(int i) {
        return terms[check(i)];
    }

    @Override
    public long clusterTimeMs(int i) {
        return times[check(i)];
    }

    @Override
    public boolean isLocal(int i) {
        return waiters[check(i)] != null;
    }

    @Override
    public void complete(int i, Object result) {
        if (waiters[check(i)] != null) {
            results[i] = result;
        }
    }

    private int check(int i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("command " + i + " of " + size);
        }
        return i;
    }
}
