package io.keelson.apiserver.certs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {
    private static final String PREFIX = "apiserver_authentication_config_controller_automatic_reload";

    @TempDir
    Path folder;

    private Instant now = Instant.ofEpochSecond(1_000);

    private static String parsed(byte[] content) throws IOException {
        String text = new String(content, StandardCharsets.UTF_8);
        if (text.startsWith("!")) {
            throw new IOException("not this");
        }
        return text;
    }

    private static List<String> told(Metrics metrics) {
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(PREFIX))
                .map(line -> line.substring(PREFIX.length()).replaceFirst("sha256:[0-9a-f]{64}", "me"))
                .toList();
    }

    @Test
    void whatWasReadAgainIsCounted() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "one");
        Metrics metrics = new Metrics();
        ReloadMetrics reloads = new ReloadMetrics(metrics, "authentication", "me", () -> now);
        WatchedFile<String> watched = WatchedFile.open(file, WatchedFileTest::parsed, reloads, () -> now);
        now = now.plusSeconds(10);
        assertEquals("one", watched.current());
        assertEquals(List.of(), told(metrics), "nothing has changed");

        Files.writeString(file, "three");
        now = now.plusSeconds(10);
        assertEquals("three", watched.current());
        Files.writeString(file, "!wrong");
        now = now.plusSeconds(10);
        assertEquals("three", watched.current());
        now = now.plusSeconds(10);
        assertEquals("three", watched.current(), "it was told of once");
        assertEquals(
                List.of(
                        "_last_timestamp_seconds{apiserver_id_hash=\"me\",status=\"failure\"} 1030",
                        "_last_timestamp_seconds{apiserver_id_hash=\"me\",status=\"success\"} 1020",
                        "s_total{apiserver_id_hash=\"me\",status=\"failure\"} 1",
                        "s_total{apiserver_id_hash=\"me\",status=\"success\"} 1"),
                told(metrics).stream().sorted().toList());
    }
}
