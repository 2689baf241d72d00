package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A name server on loopback that says what a test wants it to say. */
final class FakeNameServer implements AutoCloseable {
    private final DatagramSocket datagrams;
    private final ServerSocket streams;
    private final Function<Message, List<Message>> byDatagram;
    private final Function<Message, List<Message>> byStream;
    final AtomicInteger datagramsAsked = new AtomicInteger();
    final AtomicInteger streamsAsked = new AtomicInteger();

    /**
     * Listens.
     *
     * @param byDatagram the messages that are sent for one that came in
     * @param byStream the same by TCP; the first only
     */
    FakeNameServer(Function<Message, List<Message>> byDatagram, Function<Message, List<Message>> byStream)
            throws IOException {
        this.byDatagram = byDatagram;
        this.byStream = byStream;
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        streams = new ServerSocket(0, 50, loopback);
        datagrams = new DatagramSocket(streams.getLocalPort(), loopback);
        Thread.ofVirtual().start(this::receive);
        Thread.ofVirtual().start(this::accept);
    }

    FakeNameServer(Function<Message, List<Message>> both) throws IOException {
        this(both, both);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(datagrams.getLocalAddress(), datagrams.getLocalPort());
    }

    /** The name that is asked for. */
    static DnsName name(Message query) {
        return Objects.requireNonNull(query.question()).name();
    }

    /** An answer with these records. */
    static Message answer(Message query, int code, ResourceRecord... records) {
        return new Message(
                query.id(),
                Message.RESPONSE | Message.RECURSION_AVAILABLE | code,
                query.question(),
                List.of(records),
                List.of(),
                List.of(),
                query.edns());
    }

    private void receive() {
        byte[] octets = new byte[4096];
        while (!datagrams.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(octets, octets.length);
                datagrams.receive(packet);
                datagramsAsked.incrementAndGet();
                Message query = MessageReader.read(octets, packet.getLength());
                // Each is answered by a thread of its own, as one may wait for another.
                Thread.ofVirtual().start(() -> send(query, packet.getSocketAddress()));
            } catch (IOException | MalformedMessage e) {
                assertTrue(datagrams.isClosed(), () -> "a question that cannot be read: " + e);
            }
        }
    }

    private void send(Message query, SocketAddress to) {
        for (Message answer : byDatagram.apply(query)) {
            byte[] said = MessageWriter.write(answer, Message.OCTETS_MAX);
            try {
                datagrams.send(new DatagramPacket(said, said.length, to));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void accept() {
        while (!streams.isClosed()) {
            try {
                Socket socket = streams.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                assertTrue(streams.isClosed(), () -> "no connection: " + e);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            streamsAsked.incrementAndGet();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] octets = new byte[in.readUnsignedShort()];
            in.readFully(octets);
            for (Message answer : byStream.apply(MessageReader.read(octets, octets.length))) {
                byte[] said = MessageWriter.write(answer, Message.OCTETS_MAX);
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(said.length + 2)
                                .putShort((short) said.length)
                                .put(said)
                                .array());
            }
            // Who is told nothing waits until he gives up.
            int _ = in.read();
        } catch (IOException | MalformedMessage e) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        datagrams.close();
        streams.close();
    }
}
