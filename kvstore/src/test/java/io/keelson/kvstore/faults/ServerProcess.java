package io.keelson.kvstore.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A server as a process that can be killed, stand still and go on. What it prints goes to a log. Not thread-safe. */
public final class ServerProcess {
    private final Path log;
    private @Nullable Process process;
    private boolean paused;

    /** One that is not started yet; what every start of it prints is added to the log. */
    public ServerProcess(Path log) {
        this.log = log;
    }

    /**
     * Starts it.
     *
     * @param folder it runs in; is made
     * @param environment besides this process's own
     */
    public void start(List<String> command, Path folder, Map<String, String> environment) throws IOException {
        Files.createDirectories(folder);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        paused = false;
    }

    public Path log() {
        return log;
    }

    public boolean alive() {
        return process != null && process.isAlive();
    }

    public boolean paused() {
        return paused;
    }

    /** Its process id; 0 if it was never started. */
    public long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Asks its JVM something by the JDK's {@code jcmd}, and returns what it says. */
    public String jcmd(String command) throws IOException, InterruptedException {
        return Processes.run(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid()), command);
    }

    /** kill -9. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
            paused = false;
        }
    }

    /** SIGSTOP. */
    public void pause() throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            Processes.run("kill", "-STOP", Long.toString(process.pid()));
            paused = true;
        }
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            Processes.run("kill", "-CONT", Long.toString(process.pid()));
            paused = false;
        }
    }
}
