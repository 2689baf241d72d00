package io.keelson.scheduler.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingPodsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Key ONE = Key.of("default", "one");
    private static final Key TWO = Key.of("default", "two");

    private final WaitingPods<String> waiting = new WaitingPods<>(3);

    @Test
    void aGroupIsLetGoInTheOrderInWhichItCame() {
        waiting.add("a", ONE, START, "first");
        waiting.add("b", TWO, START, "other");
        waiting.add("c", ONE, START.minusSeconds(1), "second");
        assertTrue(waiting.anyOf(ONE));
        assertEquals(List.of("first", "second"), waiting.removeAll(ONE));
        assertFalse(waiting.anyOf(ONE));
        assertEquals(List.of(), waiting.removeAll(ONE));
        assertEquals("other", waiting.remove("b"));
        assertNull(waiting.remove("b"));
        assertNull(waiting.nextEnd());
    }

    @Test
    void theOneWhoseTimeIsUpFirstIsDueFirst() {
        waiting.add("a", ONE, START.plusSeconds(5), "a");
        waiting.add("b", TWO, START.plusSeconds(2), "b");
        assertNull(waiting.due(START));
        assertEquals(START.plusSeconds(2), waiting.nextEnd());
        assertEquals(TWO, waiting.due(START.plusSeconds(9)));
        waiting.remove("b");
        assertEquals(ONE, waiting.due(START.plusSeconds(9)));
    }

    @Test
    void noMoreWaitThanMay() {
        for (String each : List.of("a", "b", "c")) {
            assertTrue(waiting.add(each, ONE, START, each));
        }
        assertFalse(waiting.add("d", ONE, START, "d"));
        assertEquals(3, waiting.size());
        waiting.remove("a");
        assertTrue(waiting.add("d", ONE, START, "d"));
        assertEquals(List.of("b", "c", "d"), waiting.removeAll(ONE));
    }
}
