package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How fast a tunnel is. */
final class ThrottleTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

    /** Time passes by waiting only. */
    private Throttle throttle(long bytesPerSecond) {
        return new Throttle(bytesPerSecond, now::get, now::addAndGet);
    }

    private long millis(long begin) {
        return Duration.ofNanos(now.get() - begin).toMillis();
    }

    private static byte[] some(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    @Test
    void whatIsReadTakesItsTime() throws IOException {
        long begin = now.get();
        byte[] bytes = some(2_500);
        InputStream slow = throttle(1_000).reading(new ByteArrayInputStream(bytes));
        assertArrayEquals(bytes, slow.readAllBytes());
        assertEquals(2_500, millis(begin));
        assertEquals(-1, slow.read());
    }

    @Test
    void whatIsWrittenTakesItsTimeAndGoesInPieces() throws IOException {
        long begin = now.get();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] longest = {0};
        OutputStream slow = throttle(1_000).writing(new OutputStream() {
            @Override
            public void write(int value) {
                out.write(value);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                longest[0] = Math.max(longest[0], length);
                out.write(bytes, offset, length);
            }
        });
        slow.write(some(1_000));
        slow.write(7);
        assertEquals(1_001, out.size());
        assertEquals(1_001, millis(begin));
        assertTrue(longest[0] <= 100, () -> longest[0] + " bytes at a time");
    }

    @Test
    void aQuietTimeIsNotMadeUpForLater() throws IOException {
        InputStream slow = throttle(1_000).reading(new ByteArrayInputStream(some(2_000)));
        assertEquals(100, slow.read(new byte[100]));
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        long begin = now.get();
        assertEquals(1_000, slow.readNBytes(1_000).length);
        assertEquals(1_000, millis(begin));
    }

    @Test
    void aByteASecondIsPossible() throws IOException {
        long begin = now.get();
        assertEquals(3, throttle(1).reading(new ByteArrayInputStream(some(3))).readAllBytes().length);
        assertEquals(3_000, millis(begin));
    }

    @Test
    void withoutABoundStreamsAreThemselves() {
        InputStream in = InputStream.nullInputStream();
        OutputStream out = OutputStream.nullOutputStream();
        assertSame(in, Throttle.to(0).reading(in));
        assertSame(out, Throttle.to(0).writing(out));
    }

    @Test
    void whoIsInterruptedStops() {
        Throttle throttle = new Throttle(1, now::get, _ -> {
            throw new InterruptedException();
        });
        InputStream slow = throttle.reading(new ByteArrayInputStream(some(3)));
        assertThrows(InterruptedIOException.class, slow::read);
        assertTrue(Thread.interrupted());
    }
}
