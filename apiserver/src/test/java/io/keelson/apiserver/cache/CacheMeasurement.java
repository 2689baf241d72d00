package io.keelson.apiserver.cache;

import com.google.errorprone.annotations.FormatMethod;
import io.keelson.apiserver.store.TestEtcd;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Not a test: prints what a cache of many pods of about 1 KB takes and does. Arguments: how many pods (100000), how many
 * watches of everything (1000), how many changes (5000).
 */
public final class CacheMeasurement {
    private CacheMeasurement() {}

    public static void main(String[] arguments) throws Exception {
        int pods = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int watches = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
        int changes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5000;
        Path folder = Files.createTempDirectory("cache-measurement");
        try (CacheFixture fixture = new CacheFixture(TestEtcd.embedded(folder), CacheOptions.DEFAULT).ready()) {
            write(fixture, pods);
            fixture.reach(fixture.direct.revision());
            fixture.pods.close();
            long before = usedBytes();
            long begin = System.nanoTime();
            long cpu = cpuNanos();
            ResourceCache cache = fixture.caches.open(TestPods.RESOURCE);
            cache.awaitReady(Duration.ofMinutes(5));
            say(
                    "loaded %d pods in %d ms, with %d ms of CPU",
                    cache.snapshot().size(), millisSince(begin), (cpuNanos() - cpu) / 1_000_000);
            long encoded = 0;
            for (var entries = cache.snapshot().iterator("", ""); entries.hasNext(); ) {
                encoded += entries.next().sizeBytes();
            }
            long taken = usedBytes() - before;
            say("%d bytes for an entry, of which %d are the object", taken / pods, encoded / pods);
            lists(cache);
            fanOut(fixture, cache, watches, changes, pods);
            cache.close();
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    @FormatMethod
    private static void say(String format, Object... values) {
        System.out.println(String.format(format, values));
    }

    private static long millisSince(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    /** Of this process, store included: on a machine that does something else beside, it says more than the time does. */
    private static long cpuNanos() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return system.getProcessCpuTime();
    }

    private static void write(CacheFixture fixture, int pods) throws Exception {
        long begin = System.nanoTime();
        int writers = 32;
        CountDownLatch done = new CountDownLatch(writers);
        String value = "x".repeat(800);
        for (int writer = 0; writer < writers; writer++) {
            int first = writer;
            Thread.ofVirtual().start(() -> {
                try {
                    for (int i = first; i < pods; i += writers) {
                        String name = "pod-%06d-abcde".formatted(i);
                        String namespace = "namespace-" + i % 100;
                        byte[] bytes = TestPods.stored(
                                namespace,
                                name,
                                Map.of("app", "app-" + i % 1000, "pod-template-hash", "6d4cf56db6"),
                                "node-" + i % 500,
                                value);
                        fixture.direct.create(TestPods.key(namespace, name), bytes, 0);
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        say("wrote %d pods in %d ms", pods, millisSince(begin));
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static void lists(ResourceCache cache) throws InterruptedException {
        for (int round = 0; round < 3; round++) {
            long begin = System.nanoTime();
            long bytes = 0;
            for (CacheEntry entry :
                    cache.consistentSnapshot().list("", "", 0, null).entries()) {
                bytes += entry.encoded().length;
            }
            long all = System.nanoTime() - begin;
            begin = System.nanoTime();
            int found = cache.snapshot()
                    .list("", "", 0, entry -> "app-7".equals(entry.labels().get("app")))
                    .entries()
                    .size();
            long byLabel = System.nanoTime() - begin;
            begin = System.nanoTime();
            String after = "";
            int pages = 0;
            CachePage page;
            do {
                page = cache.snapshot().list("", after, 500, null);
                after = page.more() ? page.entries().getLast().key() : "";
                pages++;
            } while (page.more());
            say(
                    "list of all: %d us (%d MB); by label: %d us (%d found); %d pages of 500: %d us",
                    all / 1000, bytes >> 20, byLabel / 1000, found, pages, (System.nanoTime() - begin) / 1000);
        }
    }

    private static void fanOut(CacheFixture fixture, ResourceCache cache, int watches, int changes, int pods)
            throws Exception {
        LongAdder told = new LongAdder();
        CountDownLatch done = new CountDownLatch(watches);
        List<CacheWatch> open = new ArrayList<>();
        for (int i = 0; i < watches; i++) {
            CacheWatch watch = cache.watch(WatchRequest.FROM_NOW);
            open.add(watch);
            Thread.ofVirtual().start(() -> {
                try {
                    for (int seen = 0; seen < changes; ) {
                        WatchItem item = watch.next(Duration.ofSeconds(60));
                        if (!(item instanceof WatchItem.Change)) {
                            say("a watch got %s after %d events", String.valueOf(item), seen);
                            break;
                        }
                        seen++;
                        told.increment();
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                } finally {
                    done.countDown();
                }
            });
        }
        long begin = System.nanoTime();
        long cpu = cpuNanos();
        int writers = 16;
        for (int writer = 0; writer < writers; writer++) {
            int first = writer;
            Thread.ofVirtual().start(() -> {
                try {
                    for (int i = first; i < changes; i += writers) {
                        int pod = i % pods;
                        fixture.put(
                                "namespace-" + pod % 100,
                                "pod-%06d-abcde".formatted(pod),
                                Map.of("app", "app-" + pod % 1000),
                                "node-" + i % 500,
                                "y".repeat(800));
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        done.await();
        double seconds = (System.nanoTime() - begin) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        say(
                "%d changes to %d watches in %.1f s: %.0f changes/s, %.0f events/s; %.0f events for a second of CPU",
                changes, watches, seconds, changes / seconds, told.sum() / seconds, told.sum() / cpuSeconds);
        open.forEach(CacheWatch::close);
    }
}
