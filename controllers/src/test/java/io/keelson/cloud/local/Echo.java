package io.keelson.cloud.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Plays nodes: answers with its name and what it was told, by TCP once all has been said, or by UDP. */
final class Echo implements AutoCloseable {
    private final String name;
    private final AutoCloseable socket;
    private final int port;
    private final Thread server;

    private Echo(String name, ServerSocket socket) {
        this.name = name;
        this.socket = socket;
        port = socket.getLocalPort();
        server = Thread.ofVirtual().start(() -> accept(socket));
    }

    private Echo(String name, DatagramSocket socket) {
        this.name = name;
        this.socket = socket;
        port = socket.getLocalPort();
        server = Thread.ofVirtual().start(() -> receive(socket));
    }

    static Echo tcp(String name, String host, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(host, port));
        return new Echo(name, server);
    }

    static Echo udp(String name, String host, int port) throws IOException {
        return new Echo(name, new DatagramSocket(new InetSocketAddress(host, port)));
    }

    int port() {
        return port;
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            client.getOutputStream().write((name + ' ' + said).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void receive(DatagramSocket server) {
        byte[] buffer = new byte[65_535];
        while (!server.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                server.receive(packet);
                String said = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
                byte[] answer = (name + ' ' + said).getBytes(StandardCharsets.UTF_8);
                server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                return;
            }
        }
    }

    /** What comes back by TCP; empty if the connection is closed without a word. */
    static String ask(String source, String host, int port, String said) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(source, 0));
            socket.setSoTimeout(10_000);
            socket.connect(new InetSocketAddress(host, port), 10_000);
            OutputStream out = socket.getOutputStream();
            out.write(said.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return "";
        }
    }

    /** What comes back by UDP within a time. */
    static String askOnce(DatagramSocket socket, String host, int port, String said, Duration patience)
            throws IOException {
        byte[] question = said.getBytes(StandardCharsets.UTF_8);
        socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        socket.send(new DatagramPacket(question, question.length, new InetSocketAddress(host, port)));
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        try {
            socket.receive(answer);
        } catch (SocketTimeoutException e) {
            return "";
        }
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            socket.close();
            // A socket that a virtual thread waits at is closed by that thread: until then it takes connections.
            server.join();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
