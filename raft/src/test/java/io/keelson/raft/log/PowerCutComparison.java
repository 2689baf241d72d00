package io.keelson.raft.log;

import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Cuts the power under each log storage while it appends, and prints how many acknowledged entries were lost. Needs
 * root. Arguments: a directory, and the number of power cuts per storage (20).
 */
final class PowerCutComparison {
    private static final int ENTRIES_PER_CALL = 5;
    private static final int DATA_BYTES = 300;

    private PowerCutComparison() {}

    /** The process that appends. Arguments: storage, directory. */
    static final class Appender {
        private Appender() {}

        public static void main(String[] arguments) {
            LogStorage storage = ComparedStorage.valueOf(arguments[0]).open(Path.of(arguments[1]));
            long next = 1;
            while (storage.appendEntries(LogFixture.entries(next, ENTRIES_PER_CALL, 1, DATA_BYTES))
                    == ENTRIES_PER_CALL) {
                next += ENTRIES_PER_CALL;
                PowerCutProcess.say(String.valueOf(next - 1));
            }
            Runtime.getRuntime().halt(0);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "power-cut");
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
        Random random = new Random(1);
        System.out.println("| storage | power cuts | logs not opened again | entries acknowledged | of them lost"
                + " | lost, acknowledged before the cut began |");
        System.out.println("|---|--:|--:|--:|--:|--:|");
        for (ComparedStorage storage : ComparedStorage.values()) {
            long acknowledged = 0;
            long lost = 0;
            long lostBefore = 0;
            int notOpened = 0;
            for (int round = 0; round < rounds; round++) {
                try (PowerCutDisk disk = PowerCutDisk.create(directory, 512)) {
                    Path log = disk.path().resolve("log");
                    PowerCutProcess.Said said = PowerCutProcess.run(
                            disk,
                            20 + random.nextInt(300),
                            random.nextInt(3_000_000),
                            Appender.class,
                            storage.name(),
                            log.toString());
                    long last = Long.parseLong(said.lines().getLast());
                    long lastBeforeCut = Long.parseLong(said.lines().get(said.beforeCut() - 1));
                    acknowledged += last;
                    try {
                        List<Long> missing = missing(storage.open(log), last);
                        lost += missing.size();
                        lostBefore += missing.stream()
                                .filter(index -> index <= lastBeforeCut)
                                .count();
                    } catch (IllegalStateException refused) {
                        notOpened++;
                        lost += last;
                        lostBefore += lastBeforeCut;
                    }
                }
            }
            System.out.printf(
                    "| %s | %d | %d | %,d | %,d | %,d |%n",
                    storage.title(), rounds, notOpened, acknowledged, lost, lostBefore);
        }
        LogFixture.delete(directory);
        System.exit(0);
    }

    private static List<Long> missing(LogStorage opened, long last) {
        List<Long> missing = new ArrayList<>();
        for (long index = 1; index <= last; index++) {
            LogEntry expected = LogFixture.entry(index, 1, DATA_BYTES);
            try {
                if (!expected.equals(opened.getEntry(index))) {
                    missing.add(index);
                }
            } catch (LogEntryCorruptedException e) {
                missing.add(index);
            }
        }
        opened.shutdown();
        return missing;
    }
}
