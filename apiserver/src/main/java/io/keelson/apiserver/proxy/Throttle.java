package io.keelson.apiserver.proxy;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets no more than so many bytes a second through a tunnel, in each of its directions for itself. What comes too early
 * waits, and with it whoever sends more.
 *
 * @param bytesPerSecond 0 for no bound
 */
record Throttle(long bytesPerSecond, LongSupplier nanoTime, Pause pause) {
    /** Bytes go in pieces of so much time, so that a slow tunnel is not silent for long. */
    private static final int PIECES_PER_SECOND = 10;

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    /** Waits. */
    @FunctionalInterface
    interface Pause {
        void nanos(long nanos) throws InterruptedException;
    }

    static Throttle to(long bytesPerSecond) {
        return new Throttle(bytesPerSecond, System::nanoTime, nanos -> Thread.sleep(Duration.ofNanos(nanos)));
    }

    /** The same stream, slower. */
    InputStream reading(InputStream from) {
        if (bytesPerSecond == 0) {
            return from;
        }
        Pace pace = new Pace();
        return new FilterInputStream(from) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, Math.min(length, pace.piece()));
                pace.passed(count);
                return count;
            }
        };
    }

    /** The same stream, slower. */
    OutputStream writing(OutputStream to) {
        if (bytesPerSecond == 0) {
            return to;
        }
        Pace pace = new Pace();
        return new FilterOutputStream(to) {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int at = 0;
                while (at < length) {
                    int count = Math.min(length - at, pace.piece());
                    out.write(bytes, offset + at, count);
                    pace.passed(count);
                    at += count;
                }
            }
        };
    }

    /** How fast one direction is; of one thread. */
    private final class Pace {
        private long freeFrom = nanoTime.getAsLong();

        private int piece() {
            return Math.clamp(bytesPerSecond / PIECES_PER_SECOND, 1, Integer.MAX_VALUE);
        }

        private void passed(int bytes) throws InterruptedIOException {
            long now = nanoTime.getAsLong();
            if (freeFrom - now < 0) {
                freeFrom = now;
            }
            freeFrom += Math.max(0, bytes) * SECOND_NANOS / bytesPerSecond;
            try {
                if (freeFrom - now > 0) {
                    pause.nanos(freeFrom - now);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while a tunnel was slowed down");
            }
        }
    }
}
