package io.keelson.agent.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes questions by TCP, one after the other on each connection. The number of connections is bounded, that of one client as
 * well; one on which neither a whole question comes nor a whole answer goes for some seconds is closed, however slowly its
 * octets trickle.
 */
final class StreamListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamListener.class);
    private static final int CONNECTIONS_MAX = 1000;
    private static final int CLIENT_CONNECTIONS_MAX = 50;
    private static final int QUESTION_OCTETS_MAX = 4096;
    private static final int BACKLOG = 128;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final ServerSocket server;
    private final QueryHandler handler;
    private final QueryHandler.Way way;
    private final long idleNanosMax;
    /** The connections, and since when nothing has been brought to an end on each. */
    private final Map<Socket, Long> connections = new ConcurrentHashMap<>();

    private final Map<InetAddress, Integer> clients = new ConcurrentHashMap<>();
    private volatile boolean isClosed;

    /**
     * Listens.
     *
     * @param idleMax after which time a connection is closed
     * @throws IOException if the address is taken, or none of this machine
     */
    StreamListener(InetSocketAddress address, QueryHandler handler, Duration idleMax) throws IOException {
        this.handler = handler;
        idleNanosMax = idleMax.toNanos();
        way = new QueryHandler.Way(true, address.getAddress() instanceof Inet6Address);
        server = new ServerSocket();
        try {
            server.bind(address, BACKLOG);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        Thread.ofVirtual().name("dns-tcp").start(this::accept);
        Thread.ofVirtual().name("dns-tcp-idle").start(this::closeIdle);
    }

    private void accept() {
        while (!isClosed) {
            try {
                Socket socket = server.accept();
                if (!isWelcome(socket)) {
                    socket.close();
                } else {
                    connections.put(socket, System.nanoTime());
                    Thread.ofVirtual().name("dns-tcp-client").start(() -> serve(socket));
                }
            } catch (IOException e) {
                if (!isClosed) {
                    LOG.warn("a connection by TCP: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    private boolean isWelcome(Socket socket) {
        int mine = clients.merge(socket.getInetAddress(), 1, Integer::sum);
        boolean isWelcome = mine <= CLIENT_CONNECTIONS_MAX && connections.size() < CONNECTIONS_MAX;
        if (!isWelcome) {
            leave(socket.getInetAddress());
        }
        return isWelcome;
    }

    private void leave(InetAddress client) {
        clients.computeIfPresent(client, (ignored, count) -> count == 1 ? null : count - 1);
    }

    private void serve(Socket socket) {
        InetAddress client = socket.getInetAddress();
        try (socket) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] octets = new byte[QUESTION_OCTETS_MAX];
            while (true) {
                int high = in.read();
                if (high < 0) {
                    return;
                }
                int length = high << 8 | in.readUnsignedByte();
                if (length > QUESTION_OCTETS_MAX) {
                    return;
                }
                in.readFully(octets, 0, length);
                if (!answer(socket, octets, length)) {
                    return;
                }
            }
        } catch (IOException | ExecutionException e) {
            LOG.debug("a question of {} by TCP: {}", client, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(socket);
            leave(client);
        }
    }

    private boolean answer(Socket socket, byte[] octets, int length)
            throws IOException, ExecutionException, InterruptedException {
        connections.replace(socket, System.nanoTime());
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        if (!handler.handle(octets, length, way, answer::complete)) {
            return false;
        }
        byte[] whole = answer.get();
        socket.getOutputStream()
                .write(ByteBuffer.allocate(whole.length + 2)
                        .putShort((short) whole.length)
                        .put(whole)
                        .array());
        connections.replace(socket, System.nanoTime());
        return true;
    }

    private void closeIdle() {
        while (!isClosed) {
            long now = System.nanoTime();
            connections.forEach((socket, since) -> {
                if (now - since > idleNanosMax) {
                    close(socket);
                }
            });
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing a connection: {}", e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        server.close();
        connections.keySet().forEach(StreamListener::close);
    }
}
