package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long QUIET_MS = 2_000;

    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Console console = Console.of(
            InputStream.nullInputStream(), OutputStream.nullOutputStream(), errors, Map.of(), Termination.onCall());

    @Test
    void whatTakesLongerThanTwoSecondsIsToldInLinesWhereNobodyWatches() throws Exception {
        long beganNs = System.nanoTime();
        Progress quick = new Progress(console, "quick");
        Progress slow = new Progress(console, "snapshot");
        quick.count(1, 2);
        slow.bytes(1_000, 60_000);
        // However slow this machine is: what was told by now was told before its time.
        if (System.nanoTime() - beganNs < QUIET_MS * 1_000_000) {
            assertEquals("", errors.toString(ISO_8859_1));
        }
        quick.end();
        errors.reset();
        Thread.sleep(QUIET_MS + 100);
        slow.bytes(30_000, 60_000);
        slow.bytes(31_000, 60_000);
        slow.end();
        assertEquals(
                "snapshot [" + "#".repeat(15) + " ".repeat(15) + "] 50% (30 kB of 60 kB)\n",
                errors.toString(ISO_8859_1));
    }
}
