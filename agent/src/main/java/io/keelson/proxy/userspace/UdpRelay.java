package io.keelson.proxy.userspace;

import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.rules.Destination;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UDP: a socket to an endpoint for each client, until the client has been silent for a while, or too many others have come since. A
 * client whose endpoint is gone gets another one with its next packet.
 */
final class UdpRelay implements Relay {
    private static final Logger LOG = LoggerFactory.getLogger(UdpRelay.class);
    private static final int CLIENTS_MAX = 4096;
    private static final int PACKET_BYTES_MAX = 65_536;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LOOK_MILLIS = 5000;

    private final DatagramSocket server;
    private final EndpointChoice choice;
    private final Time time;
    private final Map<SocketAddress, Client> clients = new LinkedHashMap<>();

    private static final class Client {
        private final Destination destination;
        private final DatagramSocket socket;
        private volatile long usedNanos;

        Client(Destination destination, DatagramSocket socket, long now) {
            this.destination = destination;
            this.socket = socket;
            usedNanos = now;
        }
    }

    /** Listens. */
    UdpRelay(InetSocketAddress address, EndpointChoice choice, Time time) throws IOException {
        this.choice = choice;
        this.time = time;
        server = new DatagramSocket(address);
        server.setSoTimeout(LOOK_MILLIS);
        Thread _ = Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        byte[] bytes = new byte[PACKET_BYTES_MAX];
        while (!server.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                server.receive(packet);
                Client client = client((InetSocketAddress) packet.getSocketAddress());
                if (client != null) {
                    client.socket.send(new DatagramPacket(bytes, packet.getLength()));
                }
            } catch (SocketTimeoutException e) {
                LOG.trace("{} is idle", server.getLocalSocketAddress());
            } catch (IOException e) {
                // As with the kernel, a packet may be lost.
                LOG.debug("{}: {}", server.getLocalSocketAddress(), e.getMessage());
            }
            forgetIdle();
        }
    }

    private @Nullable Client client(InetSocketAddress from) throws IOException {
        synchronized (clients) {
            long now = time.nanoTime();
            Client known = clients.remove(from);
            if (known != null && choice.has(known.destination)) {
                known.usedNanos = now;
                clients.put(from, known);
                return known;
            }
            if (known != null) {
                known.socket.close();
            }
            Optional<Destination> chosen = choice.of(from.getAddress());
            if (chosen.isEmpty()) {
                return null;
            }
            DatagramSocket socket = new DatagramSocket();
            socket.connect(Relay.address(chosen.get()));
            Client client = new Client(chosen.get(), socket, now);
            clients.put(from, client);
            if (clients.size() > CLIENTS_MAX) {
                forget(clients.keySet().iterator().next());
            }
            Thread _ = Thread.ofVirtual().start(() -> answer(client, from));
            return client;
        }
    }

    private void answer(Client client, InetSocketAddress to) {
        byte[] bytes = new byte[PACKET_BYTES_MAX];
        while (!client.socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                client.socket.receive(packet);
                client.usedNanos = time.nanoTime();
                server.send(new DatagramPacket(bytes, packet.getLength(), to));
            } catch (IOException e) {
                // Of an endpoint that refuses, the next packet may be taken.
                LOG.debug("{}: {}", client.destination, e.getMessage());
            }
        }
    }

    private void forgetIdle() {
        synchronized (clients) {
            long now = time.nanoTime();
            List<SocketAddress> idle = new ArrayList<>();
            for (Map.Entry<SocketAddress, Client> client : clients.entrySet()) {
                if (now - client.getValue().usedNanos < IDLE_NANOS) {
                    // The others sent something later, or were answered only.
                    break;
                }
                idle.add(client.getKey());
            }
            idle.forEach(this::forget);
        }
    }

    private void forget(SocketAddress address) {
        Client gone = clients.remove(address);
        if (gone != null) {
            gone.socket.close();
        }
    }

    @Override
    public void close() {
        server.close();
        synchronized (clients) {
            clients.values().forEach(client -> client.socket.close());
            clients.clear();
        }
    }
}
