package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports of a pod behind a WebSocket of {@code v4.channel.k8s.io}: each port has a channel of an even number for its
 * data, and the next one for what is wrong; both begin with the port's number in two bytes, the low one first.
 */
final class PortForwardSession {
    private static final Logger LOG = LoggerFactory.getLogger(PortForwardSession.class);
    private static final int PORTS_MAX = 100;

    private final WebSocket socket;
    private final ProcessStreams streams;
    private final String sandbox;
    private final List<Integer> ports;

    PortForwardSession(WebSocket socket, ProcessStreams streams, String sandbox, List<Integer> ports) {
        this.socket = socket;
        this.streams = streams;
        this.sandbox = sandbox;
        this.ports = ports.subList(0, Math.min(ports.size(), PORTS_MAX));
    }

    /** Passes all on until the client goes. */
    void run() throws IOException {
        List<ProcessStream> connections = new ArrayList<>();
        try {
            for (int i = 0; i < ports.size(); i++) {
                byte[] port = {(byte) (int) ports.get(i), (byte) (ports.get(i) >> 8)};
                send(2 * i, port);
                send(2 * i + 1, port);
            }
            for (int i = 0; i < ports.size(); i++) {
                ProcessStream connection = open(i);
                connections.add(connection);
                int channel = 2 * i;
                Thread.ofVirtual().name("port-output").start(() -> passOutput(connection, channel));
            }
            byte[] message = socket.receive();
            while (message != null) {
                int channel = message.length == 0 ? -1 : Byte.toUnsignedInt(message[0]);
                if (channel >= 0 && channel % 2 == 0 && channel / 2 < connections.size()) {
                    connections.get(channel / 2).write(message, 1, message.length - 1);
                }
                message = socket.receive();
            }
        } finally {
            connections.forEach(ProcessStream::close);
        }
    }

    private ProcessStream open(int index) throws IOException {
        try {
            return streams.dial(sandbox, ports.get(index));
        } catch (IOException refusal) {
            String why =
                    "error forwarding port " + ports.get(index) + " to pod " + sandbox + ": " + refusal.getMessage();
            send(2 * index + 1, why.getBytes(StandardCharsets.UTF_8));
            socket.close(WebSocket.NORMAL, "");
            throw refusal;
        }
    }

    private void passOutput(ProcessStream connection, int channel) {
        try (connection) {
            ProcessStream.Piece piece = connection.read();
            while (piece instanceof ProcessStream.Output output) {
                send(channel, output.bytes());
                piece = connection.read();
            }
            // A channel cannot be closed alone.
            socket.close(WebSocket.NORMAL, "");
        } catch (IOException gone) {
            LOG.trace("a forwarded port's client is gone", gone);
        }
    }

    private void send(int channel, byte[] bytes) throws IOException {
        byte[] message = new byte[bytes.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        socket.send(message, message.length);
    }
}
