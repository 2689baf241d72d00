package io.keelson.kvstore.storage;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** A table as a batch has it so far: the entries below, with the batch's writes merged in. */
final class OverlayCursor implements Cursor {
    private final Cursor below;
    private final NavigableMap<byte[], Write> writes;
    private Iterator<Write> upcoming;
    /** The write at or after the position; null past the last. */
    private @Nullable Write write;
    /** The key {@code below} stands on; null at its end. */
    private byte @Nullable [] belowKey;

    /** Whether the entry at the position is the write rather than what is below. */
    private boolean onWrite;

    OverlayCursor(Cursor below, NavigableMap<byte[], Write> writes) {
        this.below = below;
        this.writes = writes;
        this.upcoming = writes.values().iterator();
        this.write = take(upcoming);
        this.belowKey = below.valid() ? below.key() : null;
        settle();
    }

    @Override
    public boolean valid() {
        return onWrite || belowKey != null;
    }

    @Override
    public void seek(byte[] key) {
        below.seek(key);
        belowKey = below.valid() ? below.key() : null;
        upcoming = writes.tailMap(key, true).values().iterator();
        write = take(upcoming);
        settle();
    }

    @Override
    public void next() {
        if (onWrite) {
            write = take(upcoming);
        } else {
            stepBelow();
        }
        settle();
    }

    /** Brings the position to the next entry that exists: deletions go, and a write hides what is below it. */
    private void settle() {
        while (write != null) {
            int order = belowKey == null ? -1 : Arrays.compareUnsigned(write.key, belowKey);
            if (order > 0) {
                break;
            }
            if (order == 0) {
                stepBelow();
            }
            if (write.value != null) {
                onWrite = true;
                return;
            }
            write = take(upcoming);
        }
        onWrite = false;
    }

    private void stepBelow() {
        below.next();
        belowKey = below.valid() ? below.key() : null;
    }

    private static @Nullable Write take(Iterator<Write> from) {
        return from.hasNext() ? from.next() : null;
    }

    @Override
    public byte[] key() {
        Write at = write;
        if (onWrite && at != null) {
            return at.key;
        }
        byte[] key = belowKey;
        if (key == null) {
            throw new IllegalStateException("the cursor is past the end");
        }
        return key;
    }

    @Override
    public byte[] value() {
        Write at = write;
        return onWrite && at != null && at.value != null ? at.value : below.value();
    }

    @Override
    public int copyKey(byte[] target, int offset) {
        return copy(key(), target, offset);
    }

    @Override
    public int copyValue(byte[] target, int offset) {
        return onWrite ? copy(value(), target, offset) : below.copyValue(target, offset);
    }

    private static int copy(byte[] from, byte[] target, int offset) {
        System.arraycopy(from, 0, target, offset, Math.min(from.length, target.length - offset));
        return from.length;
    }

    @Override
    public void close() {
        below.close();
    }
}
