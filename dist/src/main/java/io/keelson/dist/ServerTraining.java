package io.keelson.dist;

import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Puts three members of a store, and then an API server with a store of its own, under load, so that the JVM can note down
 * which classes a server loads and how its methods run: the training run of the server's AOT cache. The load tools of
 * {@code keelson bench} make the load, each in a process of its own: every class in the cache takes time and memory at every
 * start of a server, which has no use for those of clients.
 */
public final class ServerTraining {
    private static final int MEMBERS = 3;

    private ServerTraining() {}

    /** Runs, and ends the process. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("keelson-training");
        List<KvServer> members = new ArrayList<>();
        int code;
        try {
            start(folder, members);
            code = load(members);
        } finally {
            for (KvServer member : members) {
                member.close();
            }
        }
        Thread apiServer = Thread.ofPlatform().start(() -> runApiServer(folder));
        try {
            code = code == 0 ? loadApiServer(folder, apiServer) : code;
        } finally {
            // The command ends as it does when the process is told to stop, and the folder goes after it.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> removeAfter(apiServer, folder)));
        }
        System.exit(code);
    }

    private static void start(Path folder, List<KvServer> members) throws Exception {
        List<Integer> ports = freePorts(MEMBERS);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            peers.add("m" + i + "=http://127.0.0.1:" + ports.get(i));
        }
        List<Thread> starting = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            String peer = "http://127.0.0.1:" + ports.get(i);
            ServerConfig config = ServerConfig.parse(
                    List.of(
                            "--name=m" + i,
                            "--data-dir=" + folder.resolve("m" + i),
                            "--listen-client-urls=http://127.0.0.1:0",
                            "--advertise-client-urls=http://127.0.0.1:0",
                            "--listen-peer-urls=" + peer,
                            "--initial-advertise-peer-urls=" + peer,
                            "--initial-cluster=" + String.join(",", peers)),
                    Map.of());
            // A member serves once there is a leader, so each is waited for on a thread of its own.
            starting.add(Thread.startVirtualThread(() -> {
                KvServer member = started(config);
                synchronized (members) {
                    members.add(member);
                }
            }));
        }
        for (Thread thread : starting) {
            thread.join();
        }
        if (members.size() != MEMBERS) {
            throw new IllegalStateException("only " + members.size() + " members started");
        }
    }

    private static KvServer started(ServerConfig config) {
        try {
            return KvServer.start(config);
        } catch (StartFailure e) {
            throw new IllegalStateException(e);
        }
    }

    private static int load(List<KvServer> members) throws IOException, InterruptedException {
        List<String> endpoints = members.stream()
                .map(member -> "127.0.0.1:" + member.clientUrls().getFirst().port())
                .toList();
        return bench(
                "kv",
                "--target=trained=" + String.join(",", endpoints),
                "--workload=put,get,get-serializable,txn,range,watch-400,lease,mixed",
                "--keys=2000",
                "--rounds=1",
                "--seconds=1",
                "--warm-up=2000",
                "--warm-up-first=40000");
    }

    /** Runs {@code keelson bench} with these arguments; its exit code. */
    private static int bench(String... arguments) throws IOException, InterruptedException {
        return TrainingChild.start("bench", List.of(arguments)).waitFor();
    }

    private static Path kubeconfig(Path folder) {
        return folder.resolve("kubeconfig");
    }

    private static void runApiServer(Path folder) {
        int code = KeelsonCommand.execute(new String[] {
            "apiserver",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--embedded-store=" + folder.resolve("api"),
            "--cert-dir=" + folder.resolve("pki"),
            "--write-kubeconfig=" + kubeconfig(folder)
        });
        if (code != 0) {
            throw new IllegalStateException("the API server ended with " + code);
        }
    }

    private static int loadApiServer(Path folder, Thread apiServer) throws IOException, InterruptedException {
        while (!Files.exists(kubeconfig(folder))) {
            if (apiServer.join(Duration.ofMillis(20))) {
                return 1;
            }
        }
        String target = "--target=trained=" + kubeconfig(folder);
        int code = bench("api", target, "--pods=1000", "--seconds=1", "--warm-up=1");
        return code == 0 ? bench("api", target, "--http=2", "--pods=100", "--seconds=1", "--warm-up=1") : code;
    }

    private static void removeAfter(Thread apiServer, Path folder) {
        try {
            apiServer.join();
            remove(folder);
        } catch (IOException | InterruptedException e) {
            // The folder is among the temporary files, which somebody sweeps.
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
