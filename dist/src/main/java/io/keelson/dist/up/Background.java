package io.keelson.dist.up;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster's process, which outlives the one that starts it, and the terminal. */
final class Background {
    private static final Duration READY_MAX = Duration.ofMinutes(3);
    private static final int LOG_LINES = 15;

    private final StartPlan plan;
    private final Process process;

    private Background(StartPlan plan, Process process) {
        this.plan = plan;
        this.process = process;
    }

    /**
     * Starts {@code keelson} with some arguments in a session of its own, its output in the cluster's log.
     *
     * @throws IOException if there is nothing to start it with
     */
    static Background start(StartPlan plan, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(program());
        command.addAll(arguments);
        // Told by an earlier start, it would be taken for what this one tells.
        Files.deleteIfExists(Steps.file(plan.folder()));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(plan.log().toFile()))
                .start();
        return new Background(plan, process);
    }

    /** The program of the distribution that this process was started from, or this JVM where there is none. */
    private static List<String> program() {
        String classPath = System.getProperty("java.class.path");
        Path library = Path.of(classPath.split(":", 2)[0]).toAbsolutePath().getParent();
        Path program = library == null ? null : library.resolveSibling("bin").resolve("keelson");
        if (program != null && Files.isExecutable(program)) {
            return List.of(program.toString());
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath,
                "io.keelson.dist.Keelson");
    }

    /**
     * Prints the steps as they are done, and returns when the cluster is ready.
     *
     * @throws IOException if it cannot start, with the reason; the process has ended then
     */
    void await(PrintWriter out) throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_MAX.toNanos();
        int told = 0;
        while (true) {
            boolean alive = process.isAlive();
            List<String> steps = wholeLines(Steps.file(plan.folder()));
            for (String step : steps.subList(Math.min(told, steps.size()), steps.size())) {
                if (step.startsWith(Steps.FAILED)) {
                    throw new IOException(step.substring(Steps.FAILED.length()) + " (log: " + plan.log() + ")");
                }
                out.println(step);
                out.flush();
                if (step.startsWith(Steps.READY)) {
                    return;
                }
            }
            told = steps.size();
            if (!alive) {
                throw new IOException("the cluster's process has ended with " + process.exitValue() + "; its log, "
                        + plan.log() + ", ends with\n" + lastLines(plan.log()));
            }
            if (System.nanoTime() - end > 0) {
                process.destroy();
                throw new IOException("it was not ready within " + READY_MAX.toMinutes()
                        + " minutes and is ended; its log, " + plan.log() + ", ends with\n" + lastLines(plan.log()));
            }
            Thread.sleep(20);
        }
    }

    private static List<String> wholeLines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static String lastLines(Path log) throws IOException {
        try (var lines = Files.lines(log)) {
            List<String> all = new ArrayList<>();
            lines.forEach(line -> {
                all.add("  " + line);
                if (all.size() > LOG_LINES) {
                    all.removeFirst();
                }
            });
            return String.join("\n", all);
        }
    }
}
