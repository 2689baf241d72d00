package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The {@code kubectl} of this machine, as a server's administrator. */
final class Kubectl {
    private static final long SECONDS_MAX = 120;

    private final Path kubeconfig;
    private final Path home;
    private final Map<String, String> environment;

    private Kubectl(Path kubeconfig, Path home, Map<String, String> environment) {
        this.kubeconfig = kubeconfig;
        this.home = home;
        this.environment = environment;
    }

    /** @param folder for its kubeconfig and its caches */
    Kubectl(ApiServer server, Path folder) throws IOException {
        this.kubeconfig = folder.resolve("kubeconfig");
        this.home = folder;
        this.environment = Map.of();
        server.kubeconfig().write(kubeconfig);
    }

    /** The same with a variable of its environment. */
    Kubectl inEnvironment(String variable, String value) {
        return new Kubectl(kubeconfig, home, Map.of(variable, value));
    }

    /** What came of a call. */
    record Outcome(int code, String out) {}

    /** Skips the test where there is no kubectl. */
    static void assumeThere() {
        boolean there;
        try {
            there = new ProcessBuilder("kubectl", "version", "--client")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException e) {
            there = false;
        }
        Assumptions.assumeTrue(there, "there is no kubectl");
    }

    /** What it prints; fails if it does. */
    String run(String... words) throws IOException, InterruptedException {
        return checked(call("", words), words);
    }

    /** As {@link #run}, with something on its standard input. */
    String with(String input, String... words) throws IOException, InterruptedException {
        return checked(call(input, words), words);
    }

    private static String checked(Outcome outcome, String... words) {
        assertEquals(0, outcome.code(), () -> String.join(" ", words) + ": " + outcome.out());
        return outcome.out().strip();
    }

    /** What it complains about. */
    String fail(String input, String... words) throws IOException, InterruptedException {
        Outcome outcome = call(input, words);
        assertNotEquals(0, outcome.code(), outcome::out);
        return outcome.out().strip();
    }

    Outcome call(String input, String... words) throws IOException, InterruptedException {
        Process process = start(words);
        try (OutputStream to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("kubectl does not end: " + String.join(" ", words));
        }
        return new Outcome(process.exitValue(), out);
    }

    /** One that goes on while the test does something else. */
    Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }
}
