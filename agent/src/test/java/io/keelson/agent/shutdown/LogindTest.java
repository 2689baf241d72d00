package io.keelson.agent.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that say what systemd's do, and a daemon that is a few files. */
class LogindTest {
    private static final String SAID = """
            {"type":"signal","endian":"l","flags":1,"version":1,"cookie":%d,"timestamp-realtime":1796000000000000,\
            "sender":":1.3","path":"/org/freedesktop/login1","interface":"org.freedesktop.login1.Manager",\
            "member":"%s","payload":{"type":"b","data":[%s]}}
            """;

    @TempDir
    private Path folder;

    private Logind logind;

    @BeforeEach
    void begin() throws Exception {
        Files.writeString(folder.resolve("delay"), "t 5000000\n");
        program("busctl", """
                echo "$@" >> calls
                case "$*" in
                  "get-property org.freedesktop.login1 "*" InhibitDelayMaxUSec") cat delay ;;
                  *" KillUnit ssi systemd-logind.service all 1")
                    sed -n 's/^InhibitDelayMaxSec=\\(.*\\)/t \\1000000/p' logind.conf.d/99-kubelet.conf > delay ;;
                  *monitor*) touch followed; exec cat signals ;;
                  *) echo "no such thing" >&2; exit 1 ;;
                esac
                """);
        program("systemd-inhibit", """
                [ "$*" = "--what=shutdown --mode=delay --who=kubelet --why=Kubelet needs time to handle node shutdown cat" ] \
                || { echo "no such thing: $*" >&2; exit 1; }
                [ ! -e full ] || { echo "Failed to inhibit: it is full" >&2; exit 1; }
                touch held
                cat
                rm held
                """);
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", folder.resolve("signals").toString())
                        .start()
                        .waitFor());
        logind = new Logind(
                folder.resolve("busctl").toString(),
                folder.resolve("systemd-inhibit").toString(),
                folder.resolve("logind.conf.d"));
    }

    private void program(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void end() {
        logind.close();
    }

    private boolean is(String file) {
        return Files.exists(folder.resolve(file));
    }

    @Test
    void itIsToldForHowLongAShutdownMayBeHeldUp() throws Exception {
        assertEquals(Duration.ofSeconds(5), logind.delayMax());
        logind.allowDelay(Duration.ofSeconds(42));
        assertEquals(Duration.ofSeconds(42), logind.delayMax());
        String written = Files.readString(folder.resolve("logind.conf.d/99-kubelet.conf"));
        assertTrue(written.endsWith("[Login]\nInhibitDelayMaxSec=42\n"), written);
        Files.writeString(folder.resolve("delay"), "t 18446744073709551615\n");
        assertTrue(logind.delayMax().toDays() > 100_000);
        Files.writeString(folder.resolve("delay"), "s \"long\"\n");
        assertThrows(IOException.class, logind::delayMax);
    }

    @Test
    void aShutdownIsHeldUpUntilItIsLetGo() throws Exception {
        try (LoginManager.Delay _ = logind.delay()) {
            assertTrue(is("held"));
        }
        TestCluster.await("it is let go", () -> !is("held"));
        Files.createFile(folder.resolve("full"));
        assertEquals(
                "systemd-inhibit: Failed to inhibit: it is full",
                assertThrows(IOException.class, logind::delay).getMessage());
    }

    @Test
    void whatIsAboutToHappenIsToldUntilItIsClosed() throws Exception {
        List<Boolean> told = new CopyOnWriteArrayList<>();
        CompletableFuture<String> following = followed(told);
        try (OutputStream signals = Files.newOutputStream(folder.resolve("signals"))) {
            signals.write((SAID.formatted(7, "PrepareForShutdown", true) + "\nno JSON\n"
                            + SAID.formatted(8, "PrepareForSleep", true)
                            + SAID.formatted(9, "PrepareForShutdown", false))
                    .getBytes(StandardCharsets.UTF_8));
            signals.flush();
            TestCluster.await("both are told", () -> told.size() == 2);
            assertEquals(List.of(true, false), told);
            logind.close();
            assertEquals("", following.get());
        }
    }

    @Test
    void thatNothingIsToldAnyMoreIsSaid() throws Exception {
        CompletableFuture<String> following = followed(new CopyOnWriteArrayList<>());
        Files.newOutputStream(folder.resolve("signals")).close();
        assertEquals("busctl monitor has ended", following.get());
    }

    private CompletableFuture<String> followed(List<Boolean> told) throws InterruptedException {
        CompletableFuture<String> ended = new CompletableFuture<>();
        Thread _ = Thread.ofVirtual().start(() -> {
            try {
                logind.follow(told::add);
                ended.complete("");
            } catch (IOException | InterruptedException e) {
                ended.complete(e.getMessage());
            }
        });
        TestCluster.await("it is followed", () -> is("followed"));
        return ended;
    }

    @Test
    void whereThereIsNoneThatIsSaid() {
        Logind none = new Logind(
                folder.resolve("none").toString(), folder.resolve("none").toString(), folder);
        assertThrows(IOException.class, none::delayMax);
        assertThrows(IOException.class, none::delay);
    }
}
