package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntConsumer;

/**
 * A file that a server and who crashes it both have in memory: which points are armed and how, at which one a thread of the
 * server stays for an image of its files to be made, where the server ended, which points it came by, and what it has
 * promised to keep. So points are armed and disarmed while the server runs, and what it promised is known after a crash.
 *
 * <p>Integers of four bytes: 1 + the point at which a thread stays, 0 if none does, -1 while none is to; 1 + the point at which
 * the process ended. Then integers of eight: the last durable entry of the log, as term and index; the vote, as term and
 * checksum; the last state written, as index and revision. Then for each point, in four bytes each, how it is armed and whether it was seen.
 */
final class Control {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int STAYS = 0;
    private static final int ENDED = 4;
    private static final int ENTRY = 8;
    private static final int VOTE = 16;
    private static final int APPLIED = 24;
    private static final int HEADER_BYTES = 32;
    private static final int POINT_BYTES = 8;
    private static final int SEEN_OFFSET = 4;
    private static final int INDEX_BITS = 40;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    private static final int DISARMED = 0;
    private static final int IMAGE = 1;
    private static final int CRASH = 2;

    private static final int NOBODY = 0;
    private static final int SHUT = -1;

    /** What a server is to do at a point. */
    enum Order {
        GO_ON,
        /** The thread stays there as long as {@link #staysAt} says so. */
        STAY,
        END
    }

    /**
     * An entry of the log.
     *
     * @param term 0 if it is not known
     * @param index 0 if there is no entry
     */
    record Entry(long term, long index) {}

    /**
     * A vote.
     *
     * @param checksum of whom it is for, see {@link #checksum}
     */
    record Vote(long term, int checksum) {}

    /** A state that was written. */
    record Applied(long index, long revision) {}

    private final ByteBuffer memory;
    private final int points;

    private Control(ByteBuffer memory) {
        this.memory = memory;
        points = (memory.capacity() - HEADER_BYTES) / POINT_BYTES;
    }

    /** Makes the file, with nothing armed, nothing seen and nothing promised. */
    static Control create(Path file, int points) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Control(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, HEADER_BYTES + (long) POINT_BYTES * points));
        }
    }

    /** Opens the file of another process. */
    static Control open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Control(channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size()));
        }
    }

    private static int place(int point) {
        return HEADER_BYTES + POINT_BYTES * point;
    }

    /** Notes that a point was come by. Any thread; of those that come to an armed one, one stays, or one is the end. */
    Order meets(int point) {
        int place = place(point);
        if ((int) INT.getOpaque(memory, place + SEEN_OFFSET) == 0) {
            INT.setOpaque(memory, place + SEEN_OFFSET, 1);
        }
        return switch ((int) INT.getOpaque(memory, place)) {
            case IMAGE -> INT.compareAndSet(memory, STAYS, NOBODY, 1 + point) ? Order.STAY : Order.GO_ON;
            case CRASH -> INT.compareAndSet(memory, ENDED, 0, 1 + point) ? Order.END : Order.GO_ON;
            default -> Order.GO_ON;
        };
    }

    /** Whether a thread that came to a point has to stay there. */
    boolean staysAt(int point) {
        return (int) INT.getVolatile(memory, STAYS) == 1 + point;
    }

    /** Has a thread go on from a point that stayed there, unless it has done so. */
    void leave(int point) {
        boolean _ = INT.compareAndSet(memory, STAYS, 1 + point, NOBODY);
    }

    /** The log holds all entries up to this one, durably. */
    void stored(long term, long index) {
        LONG.setVolatile(memory, ENTRY, term << INDEX_BITS | index);
    }

    /** The log is about to lose the entries after an index; 0 if it loses all. */
    void cutAfter(long index) {
        if (entry().index() > index) {
            LONG.setVolatile(memory, ENTRY, index);
        }
    }

    /** The last entry that the log holds for certain. */
    Entry entry() {
        long packed = (long) LONG.getVolatile(memory, ENTRY);
        return new Entry(packed >>> INDEX_BITS, packed & INDEX_MASK);
    }

    /** The term and the vote are what they are said to be, durably. */
    void voted(long term, String candidate) {
        LONG.setVolatile(memory, VOTE, term << Integer.SIZE | Integer.toUnsignedLong(checksum(candidate)));
    }

    /** The latest vote that may be known to others; of term 0 if there is none. */
    Vote vote() {
        long packed = (long) LONG.getVolatile(memory, VOTE);
        return new Vote(packed >>> Integer.SIZE, (int) packed);
    }

    /** A state is what readers see. */
    void applied(long index, long revision) {
        LONG.setVolatile(memory, APPLIED, index << Integer.SIZE | revision);
    }

    /** The last state that readers saw. */
    Applied applied() {
        long packed = (long) LONG.getVolatile(memory, APPLIED);
        return new Applied(packed >>> Integer.SIZE, Integer.toUnsignedLong((int) packed));
    }

    static int checksum(String candidate) {
        return candidate.hashCode();
    }

    /** Arms a point besides those that are: the first thread that comes there while none stays elsewhere does so. */
    void armForImage(int point) {
        INT.setVolatile(memory, place(point), IMAGE);
    }

    /** Arms a point besides those that are: the first thread that comes there ends the process. */
    void armForCrash(int point) {
        INT.setVolatile(memory, place(point), CRASH);
    }

    void disarm(int point) {
        INT.setVolatile(memory, place(point), DISARMED);
    }

    /** Disarms all points. What was seen stays. */
    void disarm() {
        for (int point = 0; point < points; point++) {
            disarm(point);
        }
    }

    /** The point at which a thread stays; -1 if none does. */
    int whereOneStays() {
        int stays = (int) INT.getVolatile(memory, STAYS);
        return stays == SHUT ? -1 : stays - 1;
    }

    /** Has who stays go on, and nobody stay anywhere until {@link #admit}. */
    void shut() {
        INT.setVolatile(memory, STAYS, SHUT);
    }

    /** Has who stays go on, and the next one that comes to a point armed for that stay there. */
    void admit() {
        INT.setVolatile(memory, STAYS, NOBODY);
    }

    /** Whether the process ended at a point, or is about to. */
    boolean ended() {
        return (int) INT.getVolatile(memory, ENDED) != 0;
    }

    /** The point at which the process ended; -1 if it did not end at one. Forgets it and disarms all points. */
    int takeEnd() {
        disarm();
        return (int) INT.getAndSet(memory, ENDED, 0) - 1;
    }

    /** Gives all points that were seen, and forgets that they were. */
    void takeSeen(IntConsumer consumer) {
        for (int point = 0; point < points; point++) {
            if ((int) INT.getAndSet(memory, place(point) + SEEN_OFFSET, 0) != 0) {
                consumer.accept(point);
            }
        }
    }
}
