package io.keelson.agent.shutdown;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.keelson.agent.network.BoundedProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * systemd's, by the programs that come with it: {@code busctl} speaks with it over D-Bus, and {@code systemd-inhibit} holds
 * a shutdown up as long as it runs. Both end when this process does, however it ends: they are told by the end of their
 * input.
 */
public final class Logind implements LoginManager {
    private static final Logger LOG = LoggerFactory.getLogger(Logind.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CALL_MAX = Duration.ofSeconds(30);
    private static final Duration END_MAX = Duration.ofSeconds(5);
    private static final String SIGNAL = "PrepareForShutdown";
    private static final String INTERFACE = "org.freedesktop.login1.Manager";
    private static final String OBJECT = "/org/freedesktop/login1";
    private static final String NAME = "org.freedesktop.login1";
    private static final Pattern TIME = Pattern.compile("t (\\d+)");
    private static final int ERROR_BYTES_MAX = 4096;
    private static final long MICROS_PER_SECOND = 1_000_000;

    /** Runs a program until its own input ends. Of its output, the program's end is the end. */
    private static final String UNTIL_INPUT_ENDS = "\"$@\" & exec > /dev/null 2>&1; cat; kill $!";

    private final String busctl;
    private final String inhibit;
    private final Path folder;
    private @Nullable Process following;
    private boolean closed;

    /** The machine's. */
    public static Logind ofMachine() {
        return new Logind("busctl", "systemd-inhibit", Path.of("/etc/systemd/logind.conf.d"));
    }

    /**
     * @param busctl the program of this name
     * @param inhibit {@code systemd-inhibit}
     * @param folder of its configuration
     */
    Logind(String busctl, String inhibit, Path folder) {
        this.busctl = busctl;
        this.inhibit = inhibit;
        this.folder = folder;
    }

    private String ask(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addFirst(busctl);
        BoundedProgram.Result result = BoundedProgram.run(command, null, "", CALL_MAX);
        if (result.code() != 0) {
            throw new IOException("busctl: " + result.errors().strip());
        }
        return result.output().strip();
    }

    @Override
    public Duration delayMax() throws IOException, InterruptedException {
        String answer = ask("get-property", NAME, OBJECT, INTERFACE, "InhibitDelayMaxUSec");
        Matcher matcher = TIME.matcher(answer);
        if (!matcher.matches()) {
            throw new IOException("busctl: no time: " + answer);
        }
        try {
            long micros = Long.parseUnsignedLong(matcher.group(1));
            return Duration.ofSeconds(
                    Long.divideUnsigned(micros, MICROS_PER_SECOND),
                    1000 * Long.remainderUnsigned(micros, MICROS_PER_SECOND));
        } catch (NumberFormatException e) {
            throw new IOException("busctl: no time: " + answer, e);
        }
    }

    /** In the file that the kubelet writes, too. */
    @Override
    public void allowDelay(Duration time) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("99-kubelet.conf"), """
                # How long pods may take to end when the machine is shut down. Written by the node's agent.
                [Login]
                InhibitDelayMaxSec=%d
                """.formatted(time.toSeconds()));
        // It reads its configuration when it gets a SIGHUP.
        var _ = ask(
                "call",
                "org.freedesktop.systemd1",
                "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager",
                "KillUnit",
                "ssi",
                "systemd-logind.service",
                "all",
                "1");
    }

    @Override
    public Delay delay() throws IOException {
        Process process = new ProcessBuilder(
                        inhibit,
                        "--what=shutdown",
                        "--mode=delay",
                        "--who=kubelet",
                        "--why=Kubelet needs time to handle node shutdown",
                        "cat")
                .start();
        boolean isHeld = false;
        try {
            OutputStream in = process.getOutputStream();
            in.write('\n');
            in.flush();
            // Its command runs only when it has what it is to hold.
            isHeld = process.getInputStream().read() >= 0;
            if (!isHeld) {
                throw new IOException("systemd-inhibit: " + errors(process));
            }
        } finally {
            if (!isHeld) {
                process.destroyForcibly();
            }
        }
        return () -> end(process);
    }

    private static String errors(Process process) throws IOException {
        try (InputStream said = process.getErrorStream()) {
            return new String(said.readNBytes(ERROR_BYTES_MAX), StandardCharsets.UTF_8).strip();
        }
    }

    private static void end(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.debug("it has ended already", e);
        }
        try {
            if (process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    @Override
    public void follow(Told told) throws IOException, InterruptedException {
        String match = "type='signal',sender='" + NAME + "',path='" + OBJECT + "',interface='" + INTERFACE
                + "',member='" + SIGNAL + "'";
        Process process;
        synchronized (this) {
            if (closed) {
                return;
            }
            process = new ProcessBuilder(
                            "sh", "-c", UNTIL_INPUT_ENDS, "sh", busctl, "--json=short", "monitor", "--match=" + match)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            following = process;
        }
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<Boolean> isComing = isComing(line);
                if (isComing.isPresent()) {
                    told.comes(isComing.get());
                }
            }
        } finally {
            end(process);
        }
        synchronized (this) {
            if (!closed) {
                throw new IOException("busctl monitor has ended");
            }
        }
    }

    /** What a message says, if it is the one that is waited for. */
    private static Optional<Boolean> isComing(String line) {
        try {
            JsonNode message = JSON.readTree(line);
            JsonNode said = message.path("payload").path("data").path(0);
            return message.path("member").asText().equals(SIGNAL) && said.isBoolean()
                    ? Optional.of(said.booleanValue())
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            LOG.debug("no message: {}", line, e);
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (following != null) {
            end(following);
        }
    }
}
