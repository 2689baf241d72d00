package io.keelson.apiserver.http;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Names for requests: the client's own if it brings one, else a random one. */
final class AuditIds {
    static final String HEADER = "Audit-Id";

    private static final int CHARS_MAX = 64;

    private AuditIds() {}

    /** @param given by the client; cut to what belongs into a log, replaced if it has more than visible ASCII */
    static String of(@Nullable String given) {
        if (given == null || given.isEmpty() || !given.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return random();
        }
        return given.length() <= CHARS_MAX ? given : given.substring(0, CHARS_MAX);
    }

    /** Names must differ, but nobody gains anything by guessing one: no need for a secure source of randomness. */
    private static String random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & ~0xf000L) | 0x4000L;
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }
}
