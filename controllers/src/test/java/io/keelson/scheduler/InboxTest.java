package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class InboxTest {
    private static final int MAX = 16_384;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ManualTime time = new ManualTime(START);
    private final Inbox inbox = new Inbox();
    private final AtomicInteger handled = new AtomicInteger();

    private void tell() {
        inbox.tell(handled::incrementAndGet);
    }

    private void await(int seconds) throws InterruptedException {
        inbox.await(START.plusSeconds(seconds), time);
    }

    @Test
    void whoWaitsIsWokenInTime() throws InterruptedException {
        tell();
        await(10);
        time.advance(Duration.ofSeconds(10));
        await(20);
        assertEquals(1, handled.get());
    }

    @Test
    void anAlarmThatFoundTheInboxFullIsNotTheLast() throws InterruptedException {
        tell();
        await(1);
        for (int i = 0; i < MAX; i++) {
            tell();
        }
        time.advance(Duration.ofSeconds(1));
        while (handled.get() <= MAX) {
            inbox.handle();
        }
        tell();
        await(5);
        time.advance(Duration.ofSeconds(4));
        await(9);
        assertEquals(MAX + 2, handled.get());
    }

    @Test
    void whatFailsKeepsNothingElseFromBeingHandled() {
        inbox.tell(() -> {
            throw new IllegalStateException("as a test wants it");
        });
        tell();
        inbox.handle();
        assertEquals(1, handled.get());
    }

    @Test
    void nobodyWaitsToTellAnInboxThatIsClosed() {
        inbox.close();
        for (int i = 0; i <= MAX; i++) {
            tell();
        }
        inbox.handle();
        assertTrue(handled.get() <= MAX);
    }
}
