package io.keelson.kvstore.cli;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A real etcd with one member, on ports that stay the same when it is started again with an empty folder: so cluster,
 * members and revisions get the same numbers each time.
 */
final class EtcdServer implements AutoCloseable {
    private final File binary;
    private final Path folder;
    private final int clientPort;
    private final int peerPort;
    private Process process;

    EtcdServer(File binary, Path folder) throws IOException {
        this.binary = binary;
        this.folder = folder;
        this.clientPort = freePort();
        this.peerPort = freePort();
        this.process = launch();
    }

    /** A program named by an environment variable, or found on the path. */
    static Optional<File> find(String variable, String name) {
        String given = System.getenv(variable);
        if (given != null) {
            return Optional.of(new File(given));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(path -> new File(path, name))
                .filter(File::canExecute)
                .findFirst();
    }

    String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    private Process launch() throws IOException {
        String client = "http://" + endpoint();
        return new ProcessBuilder(
                        binary.getPath(),
                        "--name=default",
                        "--data-dir=" + folder.resolve("etcd"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peerUrl(),
                        "--initial-advertise-peer-urls=" + peerUrl(),
                        "--initial-cluster=default=" + peerUrl(),
                        "--log-level=error")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("etcd.log").toFile())
                .start();
    }

    void awaitServing() throws InterruptedException {
        Waiting.until("etcd to listen", () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort), 1000);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Ends it, forgets everything, and starts it again. */
    void startAfresh() throws IOException, InterruptedException {
        close();
        try (Stream<Path> files = Files.walk(folder.resolve("etcd"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        process = launch();
        awaitServing();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
