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
 * A file that a server and who crashes it both have in memory: where the server is to end, where it did, and which points
 * it came by. So points are armed and disarmed while the server runs, and what it saw is there when it has ended.
 *
 * <p>All are integers of four bytes: how many events at points armed to count are left until the one that ends the process;
 * 1 + the point at which it ended; and for each point, whether it is armed and whether it was seen.
 */
final class Control {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final int COUNTDOWN = 0;
    private static final int ENDED = 4;
    private static final int HEADER_BYTES = 8;
    private static final int POINT_BYTES = 8;
    private static final int SEEN_OFFSET = 4;

    private static final int DISARMED = 0;
    private static final int COUNTS = 1;
    private static final int AT_ONCE = 2;

    private final ByteBuffer memory;
    private final int points;

    private Control(ByteBuffer memory) {
        this.memory = memory;
        points = (memory.capacity() - HEADER_BYTES) / POINT_BYTES;
    }

    /** Makes the file, with nothing armed and nothing seen. */
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

    /** Notes that a point was come by. Returns whether the process is to end there, which is then noted, too. Any thread. */
    boolean endsAt(int point) {
        int place = place(point);
        if ((int) INT.getOpaque(memory, place + SEEN_OFFSET) == 0) {
            INT.setOpaque(memory, place + SEEN_OFFSET, 1);
        }
        int armed = (int) INT.getOpaque(memory, place);
        if (armed == DISARMED || (armed == COUNTS && (int) INT.getAndAdd(memory, COUNTDOWN, -1) != 1)) {
            return false;
        }
        return INT.compareAndSet(memory, ENDED, 0, 1 + point);
    }

    /** Arms a point besides those that are: events there count down to the end. */
    void arm(int point) {
        INT.setVolatile(memory, place(point), COUNTS);
    }

    /** Arms a point besides those that are: the first event there is the end, whatever is left to count. */
    void armAtOnce(int point) {
        INT.setVolatile(memory, place(point), AT_ONCE);
    }

    /** At which event of all points armed to count the process ends, from 1, from now on. */
    void occurrence(int number) {
        INT.setVolatile(memory, COUNTDOWN, number);
    }

    /** Disarms all points. What was seen stays. */
    void disarm() {
        for (int point = 0; point < points; point++) {
            INT.setVolatile(memory, place(point), DISARMED);
        }
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
