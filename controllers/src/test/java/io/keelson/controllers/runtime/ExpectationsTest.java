package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectationsTest {
    private static final Key KEY = new Key("default", "web");

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final Expectations expectations = new Expectations(time);

    @Test
    void isMetWhenAllThatWasExpectedHasBeenSeen() {
        assertTrue(expectations.met(KEY));
        expectations.create(KEY, 2);
        expectations.delete(KEY, List.of("u1"));
        expectations.created(KEY, "u2");
        expectations.deleted(KEY, "u1");
        assertFalse(expectations.met(KEY));
        expectations.notCreated(KEY);
        assertTrue(expectations.met(KEY));
    }

    @Test
    void aDeletionThatIsSeenTwiceCountsOnce() {
        expectations.delete(KEY, List.of("u1", "u2"));
        expectations.deleted(KEY, "u1");
        expectations.deleted(KEY, "u1");
        expectations.deleted(KEY, "u3");
        assertFalse(expectations.met(KEY));
        expectations.deleted(KEY, "u2");
        assertTrue(expectations.met(KEY));
    }

    @Test
    void aCreationThatIsSeenTwiceCountsOnce() {
        expectations.create(KEY, 2);
        expectations.created(KEY, "u1");
        expectations.created(KEY, "u1");
        assertFalse(expectations.met(KEY));
        expectations.created(KEY, "u2");
        assertTrue(expectations.met(KEY));
    }

    @Test
    void whatComesUnexpectedDoesNotCountForWhatIsExpectedLater() {
        expectations.created(KEY, "u1");
        expectations.create(KEY, 1);
        assertFalse(expectations.met(KEY));
    }

    @Test
    void nothingExpectedIsMet() {
        expectations.create(KEY, 0);
        expectations.delete(KEY, List.of());
        assertTrue(expectations.met(KEY));
    }

    @Test
    void whatIsNotSeenIsGivenUpAfterFiveMinutes() {
        expectations.create(KEY, 1);
        time.advance(Duration.ofMinutes(5));
        assertFalse(expectations.met(KEY));
        time.advance(Duration.ofSeconds(1));
        assertTrue(expectations.met(KEY));
    }
}
