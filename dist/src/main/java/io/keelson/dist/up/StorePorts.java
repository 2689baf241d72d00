package io.keelson.dist.up;

import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Where the members of a cluster's store listen on the loopback: at ports that were free when the cluster was made, and that
 * stay theirs, since members know each other by them.
 *
 * @param clients for clients, one for each member
 * @param peers for members
 */
record StorePorts(List<Integer> clients, List<Integer> peers) {
    private static final int PORT_MAX = 65_535;

    StorePorts {
        clients = List.copyOf(clients);
        peers = List.copyOf(peers);
    }

    /**
     * Those of a store, which are chosen and written down at the first time.
     *
     * @throws IOException if what is written down cannot be read
     */
    static StorePorts of(Path file, int members) throws IOException {
        Properties entries = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            entries.load(reader);
        } catch (NoSuchFileException e) {
            StorePorts free = free(members);
            free.write(file);
            return free;
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
        List<Integer> clients = new ArrayList<>();
        List<Integer> peers = new ArrayList<>();
        for (int i = 1; i <= members; i++) {
            clients.add(port(file, entries, "client." + i));
            peers.add(port(file, entries, "peer." + i));
        }
        return new StorePorts(clients, peers);
    }

    private static int port(Path file, Properties entries, String name) throws IOException {
        try {
            int port = Integer.parseInt(entries.getProperty(name, ""));
            if (port > 0 && port <= PORT_MAX) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IOException(file + " is damaged: " + name + " is no port", e);
        }
        throw new IOException(file + " is damaged: " + name + " is no port");
    }

    private static StorePorts free(int members) throws IOException {
        List<ServerSocket> taken = new ArrayList<>();
        try {
            // All at the same time, lest one is given twice.
            for (int i = 0; i < 2 * members; i++) {
                ServerSocket socket = new ServerSocket();
                taken.add(socket);
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            }
            List<Integer> ports = taken.stream().map(ServerSocket::getLocalPort).toList();
            return new StorePorts(ports.subList(0, members), ports.subList(members, 2 * members));
        } finally {
            for (ServerSocket socket : taken) {
                socket.close();
            }
        }
    }

    private void write(Path file) throws IOException {
        Properties entries = new Properties();
        for (int i = 0; i < clients.size(); i++) {
            entries.setProperty("client." + (i + 1), Integer.toString(clients.get(i)));
            entries.setProperty("peer." + (i + 1), Integer.toString(peers.get(i)));
        }
        WholeFile.write(file, entries);
    }
}
