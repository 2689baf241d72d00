package io.keelson.raft.log;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that writes to a log until it cannot, and tells on its standard output what it is about to do and what was
 * acknowledged. {@link PowerCutTest} runs it.
 */
final class PowerCutWriter {
    static final int SEGMENT_BYTES = 512 << 10;

    private PowerCutWriter() {}

    /** An entry as this process writes it: all of it follows from index and term. */
    static LogEntry entry(long index, long term) {
        if ((index + term) % 50 == 0) {
            return LogFixture.configuration(index, term, (int) (1 + term % 5));
        }
        long size = new Random(index * 1_000_003 + term).nextLong() >>> 1;
        return LogFixture.entry(index, term, (int) (size % 10 == 0 ? size % 20_000 : size % 700));
    }

    public static void main(String[] arguments) {
        SegmentLogStorage log = new SegmentLogStorage(
                Path.of(arguments[0]), Boolean.parseBoolean(arguments[3]), SEGMENT_BYTES, SEGMENT_BYTES);
        if (!log.init(LogFixture.options(new ConfigurationManager()))) {
            PowerCutProcess.say("refused " + log.failure().orElse(""));
            return;
        }
        Random random = new Random(Long.parseLong(arguments[1]));
        long term = Long.parseLong(arguments[2]);
        long first = log.getFirstLogIndex();
        long next = Math.max(first, log.getLastLogIndex() + 1);
        boolean done = true;
        while (done) {
            int choice = random.nextInt(40);
            if (choice == 0 && next > first + 1) {
                next -= 1 + random.nextLong(Math.min(30, next - first));
                term++;
                PowerCutProcess.say("suffix " + (next - 1));
                done = log.truncateSuffix(next - 1);
            } else if (choice == 1 && next > first + 500) {
                first += random.nextLong(next - first - 100);
                PowerCutProcess.say("prefix " + first);
                done = log.truncatePrefix(first);
            } else if (choice == 2 && random.nextInt(10) == 0) {
                first = next + random.nextInt(3);
                next = first;
                PowerCutProcess.say("reset " + first);
                done = log.reset(first);
            } else {
                List<LogEntry> entries = new ArrayList<>();
                int count = 1 + random.nextInt(20);
                for (int i = 0; i < count; i++) {
                    entries.add(entry(next + i, term));
                }
                PowerCutProcess.say("append " + next + " " + count + " " + term);
                done = log.appendEntries(entries) == count;
                next += count;
            }
            if (done) {
                PowerCutProcess.say("done");
            }
        }
        PowerCutProcess.say("failed " + log.failure().orElse(""));
    }
}
