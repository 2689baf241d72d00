package io.keelson.agent.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program that starts containers as the OCI runtime specification says, in place of the shim: {@code runc},
 * {@code crun}, or what isolates more. Pods get it by a RuntimeClass with its handler's name. What it knows of a pod's
 * containers is in the sandbox's folder.
 *
 * @param recursiveReadOnly whether it can make all that is mounted below a mount read-only
 */
public record OciRuntime(String handler, Path program, boolean recursiveReadOnly) {
    private static final Logger LOG = LoggerFactory.getLogger(OciRuntime.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final List<String> USUAL = List.of("runc", "crun");
    private static final List<String> FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final int LIMIT_SECONDS = 30;
    private static final int ANSWER_MAX = 1 << 20;

    /**
     * How it is told to start a process, and where it says what came of it.
     *
     * @param console the socket over which it hands a terminal; empty if there is none
     */
    record Call(List<String> command, Path pidFile, Path log, String console) {
        ShimFields addTo(ShimFields spec) {
            spec.texts(ShimTag.PROGRAM, command)
                    .text(ShimTag.PID_FILE, pidFile.toString())
                    .text(ShimTag.PROGRAM_LOG, log.toString());
            return console.isEmpty() ? spec : spec.text(ShimTag.CONSOLE, console);
        }
    }

    /** Those that are found where programs usually are, by their names. */
    public static Map<String, Path> found() {
        Map<String, Path> found = new TreeMap<>();
        for (String name : USUAL) {
            FOLDERS.stream()
                    .map(folder -> Path.of(folder, name))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .ifPresent(program -> found.put(name, program));
        }
        return found;
    }

    /**
     * Those of handlers.
     *
     * @throws IOException if one is no program, or has no right name
     */
    static Map<String, OciRuntime> of(Map<String, Path> handlers) throws IOException, InterruptedException {
        Map<String, OciRuntime> runtimes = new TreeMap<>();
        for (Map.Entry<String, Path> entry : handlers.entrySet()) {
            Path program = entry.getValue();
            if (!NAME.matcher(entry.getKey()).matches()) {
                throw new IOException("the runtime handler \"" + entry.getKey()
                        + "\" has no right name: letters, digits and '-', as a RuntimeClass has it");
            }
            if (!program.isAbsolute() || !Files.isRegularFile(program) || !Files.isExecutable(program)) {
                throw new IOException("the runtime handler " + entry.getKey() + " is " + program
                        + ", which is no program: say --runtime-handler " + entry.getKey()
                        + "=PATH with its absolute path");
            }
            runtimes.put(entry.getKey(), new OciRuntime(entry.getKey(), program, hasRecursiveReadOnly(program)));
        }
        return runtimes;
    }

    /** As it says itself; what is too old to say what it can is not asked for it. */
    private static boolean hasRecursiveReadOnly(Path program) throws IOException, InterruptedException {
        String answer = run(List.of(program.toString(), "features")).output();
        try {
            for (JsonNode option : new ObjectMapper().readTree(answer).path("mountOptions")) {
                if (option.asText().equals("rro")) {
                    return true;
                }
            }
        } catch (IOException noJson) {
            LOG.debug("{} does not say what it can: {}", program, noJson.getMessage());
        }
        return false;
    }

    /** How it starts a container whose bundle is its folder. */
    Call start(Sandbox sandbox, String id, boolean terminal) {
        return call(
                sandbox,
                id,
                "start",
                terminal,
                "run",
                List.of("--bundle", folder(sandbox, id).toString()));
    }

    /**
     * How it starts a further process.
     *
     * @param name of this one, in the names of its files; at most six letters, for it is in a socket's path
     * @param process the file that says what it is
     */
    Call exec(Sandbox sandbox, String id, String name, Path process, boolean terminal) {
        return call(sandbox, id, name, terminal, "exec", List.of("--process", process.toString()));
    }

    private Call call(Sandbox sandbox, String id, String name, boolean terminal, String verb, List<String> further) {
        Path folder = folder(sandbox, id);
        Path pidFile = folder.resolve(name + ".pid");
        Path log = folder.resolve(name + ".log");
        // From where the shim is: the path of a socket has at most 107 letters.
        String console =
                sandbox.folder().relativize(folder.resolve(name + ".tty")).toString();
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--root",
                state(sandbox).toString(),
                "--log",
                log.toString(),
                "--log-format",
                "json",
                verb,
                "--detach",
                "--pid-file",
                pidFile.toString()));
        if (terminal) {
            command.addAll(List.of("--console-socket", "/proc/" + sandbox.shimPid() + "/cwd/" + console));
        }
        command.addAll(further);
        command.add(id);
        return new Call(List.copyOf(command), pidFile, log, terminal ? console : "");
    }

    private static Path folder(Sandbox sandbox, String id) {
        return sandbox.containersFolder().resolve(id);
    }

    private static Path state(Sandbox sandbox) {
        return sandbox.folder().resolve("oci");
    }

    /** Lets it forget a container, killing what is left of it. */
    void delete(Sandbox sandbox, String id) throws IOException, InterruptedException {
        if (!Files.exists(state(sandbox).resolve(id))) {
            return;
        }
        Answer answer = run(List.of(program.toString(), "--root", state(sandbox).toString(), "delete", "--force", id));
        if (answer.code() != 0) {
            // Its folder goes with the sandbox's, the cgroup and the processes by other hands.
            LOG.warn(
                    "{} does not delete container {}: {}",
                    program,
                    id,
                    answer.output().strip());
        }
    }

    private record Answer(int code, String output) {}

    private static Answer run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readNBytes(ANSWER_MAX), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                return new Answer(-1, "it takes longer than " + LIMIT_SECONDS + " s");
            }
            return new Answer(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
