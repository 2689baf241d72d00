package io.keelson.agent.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Lines out of bytes, in whatever portions these come. */
class LogLinesProperties {
    private static final String TIME = "2026-01-02T03:04:05.6Z";

    @Property(tries = 200, seed = "7231")
    void textsComeOutAsTheyWentInHoweverTheBytesAreCut(
            @ForAll @Size(max = 20) List<String> texts, @ForAll @IntRange(min = 1, max = 40) int cut) {
        StringBuilder file = new StringBuilder();
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).replace('\n', ' ');
            boolean partial = i % 3 == 0;
            file.append(TIME)
                    .append(i % 2 == 0 ? " stdout " : " stderr ")
                    .append(partial ? "P " : "F ")
                    .append(text)
                    .append('\n');
            wanted.append(text).append(partial ? "" : "\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogLines lines = feed(file.toString().getBytes(StandardCharsets.UTF_8), cut, out);
        assertEquals(
                new String(wanted.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8),
                out.toString(StandardCharsets.UTF_8));
        assertEquals(0, lines.broken());
    }

    @Property(tries = 100, seed = "91")
    void damagedBytesNeverStopAReader(@ForAll long seed) {
        byte[] bytes = new byte[2000];
        Random random = new Random(seed);
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i += 1 + random.nextInt(60)) {
            bytes[i] = '\n';
        }
        byte[] good = ("\n" + TIME + " stdout F good\n").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(good, 0, bytes, bytes.length - good.length, good.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogLines lines = feed(bytes, 7, out);
        assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("good\n"));
        assertTrue(lines.broken() > 0);
    }

    private static LogLines feed(byte[] bytes, int cut, ByteArrayOutputStream out) {
        LogLines lines = new LogLines();
        LogText text = new LogText(LogOptions.ALL, out);
        for (int at = 0; at < bytes.length; at += cut) {
            int count = Math.min(cut, bytes.length - at);
            byte[] portion = new byte[count];
            System.arraycopy(bytes, at, portion, 0, count);
            assertTrue(lines.take(portion, count, text));
        }
        assertTrue(lines.end(text));
        return lines;
    }
}
