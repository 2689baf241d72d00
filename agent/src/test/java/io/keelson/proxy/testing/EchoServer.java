package io.keelson.proxy.testing;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Says its name, and the address of who asks, by TCP and by UDP at the same port of all addresses of a namespace. */
final class EchoServer implements Closeable {
    private final ServerSocket tcp;
    private final DatagramSocket udp;
    private final String name;

    EchoServer(NetworkNamespace namespace, String name, int port) throws Exception {
        this.name = name;
        tcp = namespace.in(() -> new ServerSocket(port));
        udp = namespace.in(() -> new DatagramSocket(new InetSocketAddress(port)));
        Thread _ = Thread.ofPlatform().daemon().start(this::serveTcp);
        Thread _ = Thread.ofPlatform().daemon().start(this::serveUdp);
    }

    private byte[] answer(InetAddress client) {
        return (name + " " + client.getHostAddress()).getBytes(StandardCharsets.UTF_8);
    }

    private void serveTcp() {
        while (true) {
            try (Socket socket = tcp.accept()) {
                socket.getOutputStream().write(answer(socket.getInetAddress()));
            } catch (IOException e) {
                if (tcp.isClosed()) {
                    return;
                }
            }
        }
    }

    private void serveUdp() {
        while (true) {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                udp.receive(packet);
                byte[] answer = answer(packet.getAddress());
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                if (udp.isClosed()) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        tcp.close();
        udp.close();
    }
}
