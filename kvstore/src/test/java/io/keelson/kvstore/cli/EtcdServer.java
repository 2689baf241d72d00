package io.keelson.kvstore.cli;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A real etcd, on ports that stay the same when it is started again with an empty folder: so cluster, members and
 * revisions get the same numbers each time.
 */
final class EtcdServer implements StoreServer {
    private final File binary;
    private final Path folder;
    private final List<Place> places;
    private final List<Process> processes = new ArrayList<>();

    /** @param places of its members */
    EtcdServer(File binary, Path folder, List<Place> places) {
        this.binary = binary;
        this.folder = folder;
        this.places = places;
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

    @Override
    public String endpoint() {
        return Place.endpoints(places);
    }

    private Process launch(Place place) throws IOException {
        List<String> command = new ArrayList<>(List.of(binary.getPath()));
        command.addAll(place.flags(places, folder.resolve(place.name())));
        command.add("--log-level=error");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(place.name() + ".log").toFile())
                .start();
    }

    private static void awaitServing(Place place) throws InterruptedException {
        Waiting.until("etcd to listen", () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), place.clientPort()), 1000);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Override
    public void startAfresh() throws IOException, InterruptedException {
        close();
        for (Place place : places) {
            delete(folder.resolve(place.name()));
            processes.add(launch(place));
        }
        for (Place place : places) {
            awaitServing(place);
        }
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.destroy();
        }
        for (Process process : processes) {
            var _ = process.onExit().join();
        }
        processes.clear();
    }
}
