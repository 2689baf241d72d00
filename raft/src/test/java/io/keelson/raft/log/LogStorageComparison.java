package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Appends the same to each log storage, in turns, and prints a table: medians over the rounds. Arguments: a directory on
 * the disk to measure, the number of rounds (5), and milliseconds per measurement (1500).
 */
final class LogStorageComparison {
    /** What one call appends. */
    private record Workload(int entries, int dataBytes) {}

    private static final List<Workload> WORKLOADS =
            List.of(new Workload(1, 300), new Workload(16, 300), new Workload(64, 300), new Workload(1, 20 << 10));

    /** Made once: making it is not what is measured. */
    private static final long[] LATENCIES_NS = new long[1 << 20];

    private record Measured(double entriesPerSecond, double p50Us, double p99Us, double cpuUsPerEntry) {}

    private LogStorageComparison() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "log-comparison");
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        Duration each = Duration.ofMillis(arguments.length > 2 ? Long.parseLong(arguments[2]) : 1500);
        try {
            System.out.println(
                    "| entries per call | storage | entries/s | call p50 µs | call p99 µs | CPU µs per entry |");
            System.out.println("|---|---|--:|--:|--:|--:|");
            for (Workload workload : WORKLOADS) {
                compare(directory, workload, rounds, each);
            }
        } finally {
            LogFixture.delete(directory);
        }
    }

    private static void compare(Path directory, Workload workload, int rounds, Duration each) throws IOException {
        Map<ComparedStorage, List<Measured>> results = new EnumMap<>(ComparedStorage.class);
        for (int round = -1; round < rounds; round++) {
            for (ComparedStorage storage : ComparedStorage.values()) {
                Measured measured = measure(storage, directory.resolve("log"), workload, each);
                if (round >= 0) {
                    results.computeIfAbsent(storage, ignored -> new ArrayList<>())
                            .add(measured);
                }
            }
        }
        results.forEach((storage, all) -> System.out.printf(
                "| %d × %d B | %s | %,.0f | %.0f | %.0f | %.1f |%n",
                workload.entries(),
                workload.dataBytes(),
                storage.title(),
                median(all, Measured::entriesPerSecond),
                median(all, Measured::p50Us),
                median(all, Measured::p99Us),
                median(all, Measured::cpuUsPerEntry)));
    }

    private static double median(List<Measured> all, ToDoubleFunction<Measured> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static Measured measure(ComparedStorage compared, Path directory, Workload workload, Duration duration)
            throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        LogStorage storage = compared.open(directory);
        byte[] data = LogFixture.entry(1, 1, workload.dataBytes()).getData().array();
        long[] latencies = LATENCIES_NS;
        int calls = 0;
        long index = 1;
        long cpuStart = system.getProcessCpuTime();
        long start = System.nanoTime();
        long end = start + duration.toNanos();
        long now = start;
        while (now < end && calls < latencies.length) {
            List<LogEntry> entries = new ArrayList<>(workload.entries());
            for (int i = 0; i < workload.entries(); i++) {
                entries.add(LogFixture.entry(index++, 1, data));
            }
            long before = System.nanoTime();
            if (storage.appendEntries(entries) != entries.size()) {
                throw new IllegalStateException(compared.title() + " failed");
            }
            now = System.nanoTime();
            latencies[calls++] = now - before;
        }
        long cpu = system.getProcessCpuTime() - cpuStart;
        storage.shutdown();
        LogFixture.delete(directory);
        long[] sorted = Arrays.copyOf(latencies, calls);
        Arrays.sort(sorted);
        double entries = (double) calls * workload.entries();
        return new Measured(
                entries * 1e9 / (now - start),
                sorted[calls / 2] / 1e3,
                sorted[(int) (calls * 0.99)] / 1e3,
                cpu / 1e3 / entries);
    }
}
