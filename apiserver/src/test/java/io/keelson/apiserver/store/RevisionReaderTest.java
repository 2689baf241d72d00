package io.keelson.apiserver.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RevisionReaderTest {
    /** Each is told what its own key has, by a request that began after it asked. */
    @Test
    void answersAsFreshAsARequestOfOnesOwn() throws Exception {
        AtomicLong now = new AtomicLong();
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        RevisionReader reader = new RevisionReader(keys -> {
            requests.incrementAndGet();
            most.accumulateAndGet(keys.size(), Math::max);
            long read = now.incrementAndGet();
            Thread.sleep(1);
            return keys.stream().map(key -> read * 1_000 + Long.parseLong(key)).toList();
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                long key = i;
                all.add(threads.submit(() -> {
                    for (int round = 0; round < 50; round++) {
                        long before = now.get();
                        long told = reader.revision(Long.toString(key));
                        assertEquals(key, told % 1_000);
                        assertTrue(told / 1_000 > before, "an answer from before the question");
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                var _ = one.get();
            }
        }
        assertTrue(requests.get() < 10_000 / 4, () -> "many together: " + requests.get());
        assertTrue(most.get() <= RevisionReader.KEYS_MAX, () -> "at once: " + most.get());
    }

    @Test
    void failsForWhomItFailsOnly() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        Semaphore asked = new Semaphore(0);
        RevisionReader reader = new RevisionReader(keys -> {
            asked.release();
            first.await();
            if (keys.contains("bad")) {
                throw ApiException.of(Reason.TIMEOUT, "slow");
            }
            return keys.stream().map(_ -> 7L).toList();
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> one = threads.submit(() -> reader.revision("a"));
            Future<Long> two = threads.submit(() -> reader.revision("b"));
            asked.acquire(2);
            Future<Long> bad = threads.submit(() -> reader.revision("bad"));
            Future<Long> good = threads.submit(() -> reader.revision("good"));
            first.countDown();
            assertEquals(7, one.get());
            assertEquals(7, two.get());
            assertEquals(7, good.get());
            assertThrows(Exception.class, bad::get);
        }
    }

    /** No memory for an answer, for example. */
    @Test
    void anErrorLeavesNobodyWaiting() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        Semaphore asked = new Semaphore(0);
        RevisionReader reader = new RevisionReader(keys -> {
            asked.release();
            first.await();
            if (keys.contains("bad")) {
                throw new OutOfMemoryError("made up");
            }
            return keys.stream().map(_ -> 7L).toList();
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> one = threads.submit(() -> reader.revision("a"));
            Future<Long> two = threads.submit(() -> reader.revision("b"));
            asked.acquire(2);
            List<Future<Long>> together = new ArrayList<>();
            for (String key : List.of("c", "bad", "d", "e")) {
                together.add(threads.submit(() -> reader.revision(key)));
            }
            first.countDown();
            assertEquals(7, one.get());
            assertEquals(7, two.get());
            for (Future<Long> future : together) {
                try {
                    assertEquals(7, future.get(20, TimeUnit.SECONDS));
                } catch (ExecutionException e) {
                    assertInstanceOf(OutOfMemoryError.class, e.getCause());
                }
            }
        }
        assertEquals(7, reader.revision("f"));
    }

    /** Whoever is interrupted while it waits, or when it is its turn, does not keep the others waiting. */
    @Test
    void goesOnWithoutThoseThatAreInterrupted() throws Exception {
        Random random = new Random(20_261_128);
        RevisionReader reader = new RevisionReader(keys -> {
            Thread.sleep(Duration.ofNanos(random.nextInt(500_000)));
            return keys.stream().map(_ -> 7L).toList();
        });
        AtomicInteger told = new AtomicInteger();
        AtomicInteger interrupted = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    assertEquals(7, reader.revision("key"));
                    told.incrementAndGet();
                } catch (InterruptedException e) {
                    interrupted.incrementAndGet();
                }
            }));
            if (i % 3 == 0) {
                threads.get(random.nextInt(threads.size())).interrupt();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(2_000, told.get() + interrupted.get());
        assertEquals(7, reader.revision("after"));
    }
}
