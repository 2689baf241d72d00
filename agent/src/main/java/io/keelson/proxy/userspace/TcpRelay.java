package io.keelson.proxy.userspace;

import io.keelson.proxy.rules.Destination;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TCP: a connection to an endpoint for each that comes. More than so many at once wait to be accepted. */
final class TcpRelay implements Relay {
    private static final Logger LOG = LoggerFactory.getLogger(TcpRelay.class);
    private static final int CONNECTIONS_MAX = 4096;
    private static final int WAITING_MAX = 1024;
    private static final int CONNECT_MILLIS_MAX = 5000;
    private static final int TRIES = 4;
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

    private final ServerSocket server;
    private final EndpointChoice choice;
    private final Semaphore free = new Semaphore(CONNECTIONS_MAX);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Listens. */
    TcpRelay(InetSocketAddress address, EndpointChoice choice) throws IOException {
        this.choice = choice;
        server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(address, WAITING_MAX);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        Thread _ = Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                free.acquire();
                acceptOne();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void acceptOne() throws InterruptedException {
        try {
            Socket client = server.accept();
            open.add(client);
            Thread _ = Thread.ofVirtual().start(() -> serve(client));
        } catch (IOException e) {
            free.release();
            if (!server.isClosed()) {
                LOG.warn("{}: {}", server.getLocalSocketAddress(), e.getMessage());
                // What it lacks, a number for a file most likely, it lacks for a while.
                Thread.sleep(ACCEPT_PAUSE);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            for (int i = 0; i < TRIES; i++) {
                Optional<Destination> chosen = choice.of(client.getInetAddress());
                if (chosen.isEmpty()) {
                    return;
                }
                try (Socket endpoint = new Socket()) {
                    if (!connects(endpoint, chosen.get())) {
                        continue;
                    }
                    open.add(endpoint);
                    try {
                        copyBoth(client, endpoint);
                    } finally {
                        open.remove(endpoint);
                    }
                    return;
                }
            }
        } catch (IOException e) {
            LOG.debug("{}: {}", client, e.getMessage());
        } finally {
            open.remove(client);
            free.release();
        }
    }

    /** Whether it is there. It may have gone a moment ago, or not answer; then another one may be there. */
    private static boolean connects(Socket endpoint, Destination destination) {
        try {
            endpoint.connect(Relay.address(destination), CONNECT_MILLIS_MAX);
            return true;
        } catch (IOException e) {
            LOG.debug("{}: {}", destination, e.getMessage());
            return false;
        }
    }

    private static void copyBoth(Socket client, Socket endpoint) throws IOException {
        client.setTcpNoDelay(true);
        endpoint.setTcpNoDelay(true);
        Thread back = Thread.ofVirtual().start(() -> copy(endpoint, client));
        copy(client, endpoint);
        boolean isInterrupted = false;
        while (back.isAlive()) {
            try {
                back.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the one side says no more, which the other side is told; or until one of them is gone, when both are. */
    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            long _ = in.transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{}: {}", socket, e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            LOG.debug("{}: {}", server, e.getMessage());
        }
        open.forEach(TcpRelay::closeQuietly);
    }
}
