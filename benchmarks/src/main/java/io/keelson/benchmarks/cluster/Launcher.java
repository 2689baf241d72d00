package io.keelson.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts the components of a cluster on loopback, each a process of its own with its log in one folder. */
public final class Launcher {
    private static final long HELP_SECONDS_MAX = 60;
    private static final Set<Integer> PORTS_GIVEN = ConcurrentHashMap.newKeySet();

    private final Path keelson;
    private final Path folder;
    private final Map<List<String>, String> help = new HashMap<>();

    private Launcher(Path keelson, Path folder) {
        this.keelson = keelson;
        this.folder = folder;
    }

    /** For components of this program, with logs, keys and data in a new folder. */
    public static Launcher inTemporaryFolder(Path keelson) throws IOException {
        return new Launcher(keelson, Files.createTempDirectory("keelson-bench"));
    }

    /** Where logs, keys and data are. */
    public Path folder() {
        return folder;
    }

    /** Deletes the folder, when all components have ended. */
    public void deleteFolder() {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            // It is a temporary folder, and of no more use.
        }
    }

    /**
     * The program that this process itself was started by.
     *
     * @return null if it was not started by one
     */
    public static @Nullable Path ownProgram() {
        for (String entry : System.getProperty("java.class.path", "").split(":", -1)) {
            Path jar = Path.of(entry);
            Path lib = jar.toAbsolutePath().getParent();
            if (jar.endsWith("keelson.jar") && lib != null && lib.getParent() != null) {
                Path program = lib.getParent().resolve("bin").resolve("keelson");
                return Files.isExecutable(program) ? program : null;
            }
        }
        return null;
    }

    /** A port of loopback that nobody listens on at the moment, and that was given to nobody before. */
    public static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (PORTS_GIVEN.add(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            }
        }
    }

    /** Where {@link #apiServer} writes how it is reached, with the rights of an administrator. */
    public Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    /**
     * The API server, with an empty store of its own. It is up when {@link #kubeconfig} leads to something that is
     * ready.
     */
    public Component apiServer(List<String> flags) throws IOException {
        Files.deleteIfExists(kubeconfig());
        List<String> arguments = new ArrayList<>(List.of(
                "apiserver",
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--embedded-store=" + folder.resolve("store"),
                "--cert-dir=" + folder.resolve("pki"),
                "--write-kubeconfig=" + kubeconfig()));
        arguments.addAll(flags);
        return start("the API server", "apiserver", program(), arguments);
    }

    /** The controllers of this project. */
    public Component controllerManager(int port, List<String> flags) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "controller-manager",
                "--kubeconfig=" + kubeconfig(),
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--leader-elect=false",
                "--root-ca-file=" + folder.resolve("pki").resolve("ca.crt"),
                "--service-account-private-key-file=" + folder.resolve("pki").resolve("sa.key")));
        arguments.addAll(flags);
        return start("the controller manager", "controller-manager", program(), arguments);
    }

    /**
     * A scheduler, this project's or another with the flags of kube-scheduler.
     *
     * @param command null for this project's
     * @param port where it serves health and metrics
     * @param gates features to be on or off; left out for a scheduler that has no such flag
     */
    public Component scheduler(@Nullable List<String> command, Path kubeconfig, int port, Map<String, Boolean> gates)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--kubeconfig=" + kubeconfig,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--leader-elect=false"));
        List<String> own = new ArrayList<>(program());
        own.add("scheduler");
        List<String> start = command == null ? own : command;
        if (!gates.isEmpty() && accepts(start, "--feature-gates")) {
            arguments.add("--feature-gates=" + text(gates));
        }
        if (command != null) {
            if (accepts(start, "--authentication-kubeconfig")) {
                arguments.add("--authentication-kubeconfig=" + kubeconfig);
                arguments.add("--authorization-kubeconfig=" + kubeconfig);
            }
            if (accepts(start, "--kube-api-qps")) {
                // By itself it would make no more than fifty calls a second, and that would be measured.
                arguments.add("--kube-api-qps=5000");
                arguments.add("--kube-api-burst=5000");
            }
        }
        return start("the scheduler", "scheduler", start, arguments);
    }

    /** Gates as a flag has them: {@code A=true,B=false}. */
    public static String text(Map<String, Boolean> gates) {
        return gates.entrySet().stream()
                .map(gate -> gate.getKey() + "=" + gate.getValue())
                .collect(Collectors.joining(","));
    }

    private List<String> program() {
        return List.of(keelson.toString());
    }

    private Component start(String name, String log, List<String> command, List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        return Component.start(name, all, folder.resolve(log + ".log"));
    }

    /** Whether a command's help speaks of a flag. */
    private boolean accepts(List<String> command, String flag) throws IOException, InterruptedException {
        String text = help.get(command);
        if (text == null) {
            text = help(command);
            help.put(command, text);
        }
        return text.contains(flag);
    }

    private String help(List<String> command) throws IOException, InterruptedException {
        Path out = folder.resolve("help.txt");
        List<String> all = new ArrayList<>(command);
        all.add("--help");
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(HELP_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(
                    String.join(" ", all) + " said nothing for " + HELP_SECONDS_MAX + " s; is it a scheduler?");
        }
        return new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
    }
}
