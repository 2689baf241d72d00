package io.keelson.dist.up;

import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A store of three members in this process. They listen on the loopback, since each of the API servers speaks to all of them;
 * whoever speaks to them has to show a certificate that only this cluster's folder has.
 */
final class StoreMembers implements AutoCloseable {
    static final int COUNT = 3;

    private final PkiFolder pki;
    private final StorePorts ports;
    private final List<ServerConfig> configs = new ArrayList<>();
    private final List<StoreMember> members = new ArrayList<>();

    private StoreMembers(Path folder, PkiFolder pki) throws IOException {
        this.pki = pki;
        ports = StorePorts.of(folder.resolve("ports"), COUNT);
        for (int i = 0; i < COUNT; i++) {
            configs.add(config(folder, i));
        }
    }

    /**
     * Starts them, and returns when a majority serves; the others come when they can.
     *
     * @param folder of their data
     * @param pki their keys and certificates; what is missing is made
     * @throws IOException if fewer can start, with the reason of one; nothing is left running then
     */
    static StoreMembers start(Path folder, Path pki) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        PkiFolder keys = new PkiFolder(pki);
        keys.openStore(Instant.now());
        StoreMembers members;
        try {
            members = new StoreMembers(folder, keys);
        } catch (ConfigException e) {
            throw new IOException("the store cannot be configured: " + e.getMessage(), e);
        }
        try {
            members.configs.forEach(config -> members.members.add(StoreMember.start(config)));
            members.awaitMajority();
            return members;
        } catch (IOException | InterruptedException | RuntimeException e) {
            members.close();
            throw e;
        }
    }

    private void awaitMajority() throws IOException, InterruptedException {
        int failed = 0;
        for (StoreMember member : members) {
            try {
                var _ = member.begun().get();
            } catch (ExecutionException | CancellationException e) {
                failed++;
                if (failed > COUNT / 2) {
                    String why = e.getCause() == null
                            ? e.toString()
                            : String.valueOf(e.getCause().getMessage());
                    throw new IOException(
                            failed + " of " + COUNT + " members of the store cannot start: " + why
                                    + ". If another program has a port of theirs, end it: the members know each other by"
                                    + " their ports",
                            e);
                }
            }
        }
    }

    private static String name(int index) {
        return "member-" + (index + 1);
    }

    private static String url(int port) {
        return "https://127.0.0.1:" + port;
    }

    private ServerConfig config(Path folder, int index) {
        String all = IntStream.range(0, COUNT)
                .mapToObj(i -> name(i) + "=" + url(ports.peers().get(i)))
                .collect(Collectors.joining(","));
        String client = url(ports.clients().get(index));
        String peer = url(ports.peers().get(index));
        return ServerConfig.of(
                "--name=" + name(index),
                "--data-dir=" + folder.resolve(name(index)),
                "--log-level=warn",
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + all,
                "--initial-cluster-token=keelson",
                "--cert-file=" + pki.certificate("server"),
                "--key-file=" + pki.key("server"),
                "--client-cert-auth",
                "--trusted-ca-file=" + pki.certificate("ca"),
                "--peer-cert-file=" + pki.certificate("server"),
                "--peer-key-file=" + pki.key("server"),
                "--peer-client-cert-file=" + pki.certificate("client"),
                "--peer-client-key-file=" + pki.key("client"),
                "--peer-client-cert-auth",
                "--peer-trusted-ca-file=" + pki.certificate("ca"),
                // They share a process and a disk: one that is slow for a moment is no reason for an election.
                "--heartbeat-interval=200",
                "--election-timeout=2000",
                // What is read is in the API servers' own caches.
                "--block-cache-mib=32",
                "--write-buffer-mib=32",
                "--watch-window-mib=8");
    }

    /**
     * The flags by which an API server finds them.
     *
     * @param first the member that it asks first, so that not all ask the same one
     */
    List<String> flags(int first) {
        String urls = IntStream.range(0, COUNT)
                .mapToObj(i -> url(ports.clients().get((first + i) % COUNT)))
                .collect(Collectors.joining(","));
        return List.of(
                "--etcd-servers=" + urls,
                "--etcd-cafile=" + pki.certificate("ca"),
                "--etcd-certfile=" + pki.certificate("client"),
                "--etcd-keyfile=" + pki.key("client"));
    }

    /** Ends one, as when it fails for good. */
    void stop(int index) {
        members.get(index).close();
    }

    /** Starts one again that was ended. */
    void startAgain(int index) {
        members.set(index, StoreMember.start(configs.get(index)));
    }

    /** Which one leads; -1 if none does at the moment. */
    int leader() {
        return IntStream.range(0, COUNT)
                .filter(i -> members.get(i).isLeading())
                .findFirst()
                .orElse(-1);
    }

    @Override
    public void close() {
        // Together: one alone waits for somebody to lead in its place.
        List<Thread> ending = members.stream()
                .map(member -> Thread.ofVirtual().start(member::close))
                .toList();
        for (Thread thread : ending) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
