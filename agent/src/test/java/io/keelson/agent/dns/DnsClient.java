package io.keelson.agent.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Asks a server one question. */
record DnsClient(InetSocketAddress server) {
    private static final int MILLIS_MAX = 10_000;

    Message ask(String name, int type) throws IOException {
        return ask(query(name, type, null));
    }

    static Message query(String name, int type, @Nullable Edns edns) {
        return Message.query(4711, Message.RECURSION_DESIRED, Question.of(DnsName.parse(name), type), edns);
    }

    /** By UDP. */
    Message ask(Message query) throws IOException {
        return read(askRaw(MessageWriter.write(query, Message.OCTETS_MAX)));
    }

    /** By UDP, whatever the octets are. */
    byte[] askRaw(byte[] octets) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(MILLIS_MAX);
            socket.send(new DatagramPacket(octets, octets.length));
            DatagramPacket answer = new DatagramPacket(new byte[8192], 8192);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    /** By TCP. */
    Message askByStream(Message query) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout(MILLIS_MAX);
            byte[] octets = MessageWriter.write(query, Message.OCTETS_MAX);
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(octets.length + 2)
                            .putShort((short) octets.length)
                            .put(octets)
                            .array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            return read(answer);
        }
    }

    static Message read(byte[] octets) {
        try {
            return MessageReader.read(octets, octets.length);
        } catch (MalformedMessage e) {
            throw new AssertionError(e);
        }
    }
}
