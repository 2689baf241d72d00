package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PartsTest {
    private final List<String> closed = new ArrayList<>();
    private final Parts parts = new Parts();

    private void open(String name) {
        AutoCloseable part = () -> closed.add(name);
        assertEquals(part, parts.opened(part));
    }

    @Test
    void whatWasOpenedLastIsClosedFirstAndEachOnce() {
        open("first");
        open("second");
        parts.close();
        parts.close();
        assertEquals(List.of("second", "first"), closed);
    }

    @Test
    void onePartThatFailsKeepsNoneOfTheOthersOpen() {
        open("first");
        parts.opened((AutoCloseable) () -> {
            throw new IllegalStateException("no");
        });
        open("third");
        parts.close();
        assertEquals(List.of("third", "first"), closed);
    }

    @Test
    void anInterruptReachesNoPartAndIsRemembered() {
        parts.opened((AutoCloseable) () -> {
            closed.add("waits");
            Thread.sleep(1);
            closed.add("has waited");
        });
        parts.opened((AutoCloseable) () -> {
            throw new InterruptedException();
        });
        parts.opened((AutoCloseable) () -> Thread.currentThread().interrupt());
        Thread.currentThread().interrupt();
        parts.close();
        assertTrue(Thread.interrupted());
        assertEquals(List.of("waits", "has waited"), closed);
    }
}
