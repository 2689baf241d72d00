package io.keelson.cloud.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeSyncTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Key A = Key.of("ns", "a");
    private static final Key B = Key.of("ns", "b");

    private final List<Duration> rounds = new ArrayList<>();
    private final NodeSync sync = new NodeSync(rounds::add);

    private static Instant after(int seconds) {
        return START.plusSeconds(seconds);
    }

    @Test
    void aRoundEndsWhenTheLastServiceThatItConcernsHasBeenLookedAt() {
        sync.begin(List.of(A, B), START);
        sync.looked(A, after(1));
        sync.looked(A, after(2));
        sync.looked(Key.of("ns", "other"), after(3));
        assertEquals(List.of(), rounds);
        sync.looked(B, after(4));
        assertEquals(List.of(Duration.ofSeconds(4)), rounds);
        sync.looked(B, after(5));
        assertEquals(1, rounds.size());
    }

    @Test
    void aChangeThatComesMeanwhileIsOfTheSameRound() {
        sync.begin(List.of(A, B), START);
        sync.looked(A, after(1));
        sync.begin(List.of(A), after(2));
        sync.looked(B, after(3));
        assertEquals(List.of(), rounds);
        sync.looked(A, after(7));
        assertEquals(List.of(Duration.ofSeconds(7)), rounds);
    }

    @Test
    void aChangeThatConcernsNobodyIsNoRoundAndAClockThatWasSetBackCountsForNothing() {
        sync.begin(List.of(), START);
        sync.begin(List.of(A), after(10));
        sync.looked(A, after(5));
        assertEquals(List.of(Duration.ZERO), rounds);
    }
}
