package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.fairness.FlowSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FlowFlagsTest {
    private static FlowSettings settings(String... flags) {
        return CommandLine.populateCommand(new ClusterFlags(), flags)
                .settings(false)
                .flow();
    }

    private static @Nullable String refused(String... flags) {
        return assertThrows(IllegalArgumentException.class, () -> settings(flags))
                .getMessage();
    }

    @Test
    void theFlagsSayHowManyRequestsAreServedAtATime() {
        assertEquals(FlowSettings.DEFAULT, settings());
        assertEquals(600, settings().seats());
        assertEquals(
                7,
                settings("--max-requests-inflight=5", "--max-mutating-requests-inflight=2")
                        .seats());
        assertFalse(settings("--enable-priority-and-fairness=false", "--max-requests-inflight=0")
                .fair());
        assertEquals(Duration.ofMinutes(1), settings().requestTimeout());
        assertEquals(Duration.ofSeconds(90), settings("--request-timeout=1m30s").requestTimeout());
    }

    @Test
    void numbersThatCannotBeAreRefused() {
        assertEquals("--max-requests-inflight can not be negative value", refused("--max-requests-inflight=-1"));
        assertEquals(
                "--max-mutating-requests-inflight can not be negative value",
                refused("--max-mutating-requests-inflight=-1"));
        assertEquals("--request-timeout can not be negative value", refused("--request-timeout=-1s"));
        assertEquals("--request-timeout: no request can be served in no time", refused("--request-timeout=0"));
        String both = "--max-requests-inflight + --max-mutating-requests-inflight: ";
        assertEquals(
                both + "at least one has to be positive with --enable-priority-and-fairness",
                refused("--max-requests-inflight=0", "--max-mutating-requests-inflight=0"));
        assertEquals(
                both + "together they must not be more than 10000000",
                refused("--max-requests-inflight=2147483647", "--max-mutating-requests-inflight=2147483647"));
    }
}
