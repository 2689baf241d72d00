package io.keelson.kvstore.soak;

import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a member's process holds at a moment.
 *
 * @param residentMib all of its memory that is in RAM
 * @param heapMib of it, what objects take; 0 where nobody asked the JVM
 * @param files that are open
 * @param threads of the system
 */
record MemberUsage(long residentMib, long heapMib, long files, long threads) {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
    private static final Pattern HEAP = Pattern.compile("garbage-first heap .*?used (\\d+)K");

    static MemberUsage of(MemberProcess member) throws IOException {
        return of(member, 0);
    }

    /** After it has collected all its garbage, which makes its clients wait some tenths of a second. */
    static MemberUsage collected(MemberProcess member) throws IOException, InterruptedException {
        member.jcmd("GC.run");
        String told = member.jcmd("GC.heap_info");
        Matcher heap = HEAP.matcher(told);
        if (!heap.find()) {
            throw new IOException("member " + member.number() + " tells of its heap: " + told);
        }
        return of(member, Long.parseLong(heap.group(1)) >> 10);
    }

    private static MemberUsage of(MemberProcess member, long heapMib) throws IOException {
        Path process = Path.of("/proc", Long.toString(member.pid()));
        String status = Files.readString(process.resolve("status"));
        long files;
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            files = open.count();
        }
        return new MemberUsage(number(RESIDENT, status) >> 10, heapMib, files, number(THREADS, status));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    @Override
    public String toString() {
        return residentMib + " MiB/" + files + " files/" + threads + " threads"
                + (heapMib == 0 ? "" : "/" + heapMib + " MiB of objects");
    }
}
