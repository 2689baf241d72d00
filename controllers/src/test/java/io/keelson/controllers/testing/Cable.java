package io.keelson.controllers.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections of one client to a server, which a test can cut: for the server and all others the client has died. */
public final class Cable implements AutoCloseable {
    private final ServerSocket listening;
    private final URI server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** A cable to a server. */
    public Cable(URI server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("cable").start(this::accept);
    }

    /** Where the client finds the server. */
    public String url() {
        return server.getScheme() + "://127.0.0.1:" + listening.getLocalPort() + '/';
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                Socket there = new Socket(server.getHost(), server.getPort());
                open.add(there);
                if (listening.isClosed()) {
                    cut();
                }
                Thread.ofVirtual().start(() -> pass(client, there));
                Thread.ofVirtual().start(() -> pass(there, client));
            } catch (IOException e) {
                // It is cut.
                return;
            }
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // One of the two has ended, or it is cut.
            return;
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /** Lets nothing pass from now on. */
    public void cut() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        cut();
    }
}
