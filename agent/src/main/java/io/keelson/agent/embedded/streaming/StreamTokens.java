package io.keelson.agent.embedded.streaming;

import com.google.protobuf.Message;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests that wait for their client, each under a random token that is good once. */
final class StreamTokens {
    static final int MAX = 1000;
    static final Duration LIFE = Duration.ofMinutes(1);
    private static final int BYTES = 24;

    private final SecureRandom random = new SecureRandom();
    private final InstantSource time;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    private record Waiting(Message request, Instant until) {}

    StreamTokens(InstantSource time) {
        this.time = time;
    }

    /** @throws IllegalStateException if too many wait already */
    synchronized String add(Message request) {
        Instant now = time.instant();
        Iterator<Waiting> oldest = waiting.values().iterator();
        while (oldest.hasNext() && !oldest.next().until().isAfter(now)) {
            oldest.remove();
        }
        if (waiting.size() >= MAX) {
            throw new IllegalStateException("at most " + MAX + " streams can wait for their client");
        }
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        waiting.put(token, new Waiting(request, now.plus(LIFE)));
        return token;
    }

    /** The request of a token, which is none any more; null if it is none, or its time is over. */
    synchronized @Nullable Message take(String token) {
        Waiting found = waiting.remove(token);
        return found == null || !found.until().isAfter(time.instant()) ? null : found.request();
    }
}
