package io.keelson.cloud.local;

import io.keelson.controllers.objects.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes connections on. Each has two threads, one for each direction, and one that looks at the time; when one side
 * has said all, the other is told so and may go on. Of all forwarders together no more connections are open than there
 * is room for: one more is closed at once, which a client sees, where one that waits would not know what for.
 */
final class TcpForwarder implements Forwarder {
    private static final Logger LOG = LoggerFactory.getLogger(TcpForwarder.class);
    private static final int WAITING_MAX = 128;
    private static final int PIECE_BYTES = 16 << 10;
    private static final int TRIED_MAX = 5;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final ServerSocket server = new ServerSocket();
    private final Traffic traffic;
    private final Semaphore room;
    private final LocalSettings settings;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Listens.
     *
     * @param room how many more connections may be open
     * @throws IOException if it cannot
     */
    TcpForwarder(InetSocketAddress address, Traffic traffic, Semaphore room, LocalSettings settings)
            throws IOException {
        this.traffic = traffic;
        this.room = room;
        this.settings = settings;
        try {
            server.setReuseAddress(true);
            server.bind(address, WAITING_MAX);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        Thread.ofVirtual().name("tcp " + address).start(this::accept);
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                if (takes(client)) {
                    Thread.ofVirtual().name("tcp client").start(() -> serve(client));
                } else {
                    client.close();
                }
            } catch (IOException e) {
                if (!closed) {
                    // No more file descriptors, say: it must not end, and not spin.
                    LOG.warn("{}: {}", server.getLocalSocketAddress(), e.getMessage());
                    pause();
                }
            }
        }
    }

    private boolean takes(Socket client) {
        IpAddress source = source(client);
        if (source == null || !traffic.takes(source)) {
            return false;
        }
        if (!room.tryAcquire()) {
            LOG.debug("{}: no room for a connection from {}", server.getLocalSocketAddress(), source);
            return false;
        }
        return true;
    }

    private static @Nullable IpAddress source(Socket client) {
        // The address as bytes would have a scope with it, for a link of IPv6.
        String text = client.getInetAddress().getHostAddress();
        int scope = text.indexOf('%');
        return IpAddress.parse(scope < 0 ? text : text.substring(0, scope));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket client) {
        try (client) {
            IpAddress source = source(client);
            open.add(client);
            try (Socket node = closed || source == null ? null : connect(source)) {
                if (node != null) {
                    open.add(node);
                    pass(client, node);
                    open.remove(node);
                }
            }
        } catch (IOException e) {
            LOG.debug("{}: {}", server.getLocalSocketAddress(), e.getMessage());
        } finally {
            open.remove(client);
            room.release();
        }
    }

    /** The first node that takes the connection; null if none of the first few does. */
    private @Nullable Socket connect(IpAddress source) {
        int tried = 0;
        for (InetSocketAddress target : traffic.targets(source)) {
            if (closed || tried++ == TRIED_MAX) {
                return null;
            }
            Socket node = new Socket();
            try {
                node.connect(target, Math.toIntExact(settings.connectTimeout().toMillis()));
                return node;
            } catch (IOException e) {
                LOG.debug(
                        "{}: {} does not take a connection: {}", server.getLocalSocketAddress(), target, e.toString());
                closeQuietly(node);
            }
        }
        return null;
    }

    /**
     * Until both have said all, one is lost, or no byte has gone either way for too long, whoever it was that waited.
     */
    private void pass(Socket client, Socket node) throws IOException {
        client.setTcpNoDelay(true);
        node.setTcpNoDelay(true);
        AtomicLong last = new AtomicLong(System.nanoTime());
        List<Thread> ways = List.of(
                Thread.ofVirtual().name("tcp question").start(() -> copy(client, node, last)),
                Thread.ofVirtual().name("tcp answer").start(() -> copy(node, client, last)));
        boolean interrupted = false;
        for (Thread way : ways) {
            while (way.isAlive()) {
                long left = settings.idleTimeout().toNanos() - (System.nanoTime() - last.get());
                if (left <= 0 || interrupted) {
                    // One that reads nothing holds up a write, which knows no limit of time.
                    closeQuietly(client);
                    closeQuietly(node);
                }
                try {
                    boolean _ = way.join(Duration.ofNanos(Math.max(left, PAUSE.toNanos())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Socket from, Socket to, AtomicLong last) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                out.write(piece, 0, length);
                last.set(System.nanoTime());
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // One side is lost, and so is the other.
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a socket that is given up: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        closeQuietly(server);
        open.forEach(TcpForwarder::closeQuietly);
    }
}
