package io.keelson.kvstore.soak;

import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a member's process holds at a moment. */
record MemberUsage(long residentMib, long files, long threads) {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");

    static MemberUsage of(MemberProcess member) throws IOException {
        Path process = Path.of("/proc", Long.toString(member.pid()));
        String status = Files.readString(process.resolve("status"));
        long files;
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            files = open.count();
        }
        return new MemberUsage(number(RESIDENT, status) >> 10, files, number(THREADS, status));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    @Override
    public String toString() {
        return residentMib + " MiB/" + files + " files/" + threads + " threads";
    }
}
