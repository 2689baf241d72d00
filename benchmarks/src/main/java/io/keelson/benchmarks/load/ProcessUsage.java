package io.keelson.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What processes have used, as Linux tells in {@code /proc}. */
public final class ProcessUsage {
    /** Clock ticks per second of {@code /proc/PID/stat}; 100 on every Linux of the architectures Java runs on. */
    private static final long TICKS_PER_SECOND = 100;

    private ProcessUsage() {}

    /** User and system time of the processes since they started, in microseconds. */
    public static long cpuMicros(List<Long> pids) {
        long ticks = 0;
        for (long pid : pids) {
            String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
            // The command name in field 2 may contain spaces; what follows its closing parenthesis is regular.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks * (1_000_000 / TICKS_PER_SECOND);
    }

    /** Sum of the largest resident sizes the processes have reached since the last {@link #resetPeak}, in bytes. */
    public static long peakResidentBytes(List<Long> pids) {
        return statusBytes(pids, "VmHWM:");
    }

    /** Sum of the resident sizes of the processes, in bytes. */
    public static long residentBytes(List<Long> pids) {
        return statusBytes(pids, "VmRSS:");
    }

    private static long statusBytes(List<Long> pids, String field) {
        long kibibytes = 0;
        for (long pid : pids) {
            for (String line :
                    read(Path.of("/proc", Long.toString(pid), "status")).split("\n", -1)) {
                if (line.startsWith(field)) {
                    kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return kibibytes * 1024;
    }

    /** Lets {@link #peakResidentBytes} start again from the present size. */
    public static void resetPeak(List<Long> pids) {
        for (long pid : pids) {
            try {
                Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot reset the peak memory of process " + pid, e);
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("process of the target is gone? cannot read " + file, e);
        }
    }
}
