package io.keelson.apiserver.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Passes connections on to a server, and nothing that is said on them for as long as a test wants it. */
final class SilentRelay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final URI server;
    private boolean silent;

    SilentRelay(URI server) throws IOException {
        this.server = server;
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    synchronized void fallSilent() {
        silent = true;
    }

    synchronized void speak() {
        silent = false;
        notifyAll();
    }

    private synchronized void awaitSpeech() throws InterruptedException {
        while (silent) {
            wait();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket to = new Socket(server.getHost(), server.getPort());
                sockets.add(client);
                sockets.add(to);
                Thread.ofVirtual().start(() -> pass(client, to));
                Thread.ofVirtual().start(() -> pass(to, client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] piece = new byte[16 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count;
            while ((count = in.read(piece)) >= 0) {
                awaitSpeech();
                out.write(piece, 0, count);
            }
        } catch (IOException | InterruptedException e) {
            // One side has left, and so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        speak();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
