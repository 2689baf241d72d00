package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ReadAheadTest {
    private static final long SLOW_NANOS = 1_000;

    private final ReadAhead readAhead = new ReadAhead(SLOW_NANOS);

    @AfterEach
    void close() {
        readAhead.close();
    }

    private static List<byte[]> keys(int count) {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(new byte[] {(byte) i});
        }
        return keys;
    }

    @Test
    void isOfUseForAWhileAfterASlowRead() {
        assertFalse(readAhead.isOfUse(0));
        readAhead.took(SLOW_NANOS, 0);
        assertFalse(readAhead.isOfUse(0));
        readAhead.took(SLOW_NANOS + 1, 0);
        assertTrue(readAhead.isOfUse(TimeUnit.SECONDS.toNanos(2)));
        readAhead.took(1, 1);
        assertTrue(readAhead.isOfUse(1), "one that is quick by chance says nothing");
        assertFalse(readAhead.isOfUse(TimeUnit.SECONDS.toNanos(2) + 1));
    }

    @Test
    void isAlwaysOfUseWhenEveryReadIsSlow() {
        try (ReadAhead always = new ReadAhead(0)) {
            assertTrue(always.isOfUse(Long.MAX_VALUE));
        }
    }

    @Test
    void readsAtTheSameTimeAndKeepsTheOrder() {
        CyclicBarrier together = new CyclicBarrier(16);
        for (int round = 0; round < 20; round++) {
            AtomicReferenceArray<@Nullable String> records = readAhead.readAll(keys(16), key -> {
                assertTrue(meets(together), "sixteen reads are under way together");
                return "record " + key[0];
            });
            for (int i = 0; i < 16; i++) {
                assertEquals("record " + i, records.get(i));
            }
        }
    }

    private static boolean meets(CyclicBarrier together) {
        try {
            together.await(10, TimeUnit.SECONDS);
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void aReadThatFailsLeavesItsPlaceAndNoOther() {
        AtomicReferenceArray<@Nullable String> records = readAhead.readAll(keys(100), key -> {
            if (key[0] == 7) {
                throw new StorageException(StorageException.Kind.CLOSED, "no");
            }
            return "record " + key[0];
        });
        for (int i = 0; i < 100; i++) {
            if (i == 7) {
                assertNull(records.get(i));
            } else {
                assertEquals("record " + i, records.get(i));
            }
        }
        assertEquals(0, readAhead.readAll(List.of(), key -> key).length());
    }

    @Test
    void waitsForItsHelpersEvenWhenItCannotGoOn() {
        AtomicInteger underWay = new AtomicInteger();
        Thread caller = Thread.currentThread();
        // One of 15 helpers could otherwise read two keys before the caller gets to any.
        CountDownLatch failing = new CountDownLatch(1);
        assertThrows(
                IllegalStateException.class,
                () -> readAhead.readAll(keys(16), key -> {
                    if (Thread.currentThread().equals(caller)) {
                        failing.countDown();
                        throw new IllegalStateException("the caller fails");
                    }
                    underWay.incrementAndGet();
                    try {
                        assertTrue(failing.await(10, TimeUnit.SECONDS));
                        Thread.sleep(20);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return underWay.decrementAndGet();
                }));
        assertEquals(0, underWay.get());
    }

    @Test
    void anInterruptIsKeptForWhoComesNext() {
        Thread.currentThread().interrupt();
        try {
            assertEquals(3, readAhead.readAll(keys(3), key -> key).length());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }
}
