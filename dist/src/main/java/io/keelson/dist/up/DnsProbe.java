package io.keelson.dist.up;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Whether this machine answers questions for the cluster's names: one question for the address of the API, as in RFC 1035. */
final class DnsProbe {
    private static final String NAME = "kubernetes.default.svc.cluster.local";
    private static final int ID = 0x6b65;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int IS_ANSWER = 0x8000;
    private static final int CODE = 0x000f;
    private static final int ADDRESS = 1;
    private static final int INTERNET = 1;
    private static final int HEADER_BYTES = 12;
    private static final int ANSWER_BYTES_MAX = 512;

    private DnsProbe() {}

    /**
     * Asks once.
     *
     * @param server where; asked only if it is an address of this machine, as the question would leave it else
     * @param limit how long an answer is waited for
     * @return whether the answer has a record
     */
    static boolean answers(InetSocketAddress server, Duration limit) {
        try {
            return isOurs(server.getAddress()) && asked(server, limit);
        } catch (IOException e) {
            // Nobody listens yet.
            return false;
        }
    }

    private static boolean isOurs(InetAddress address) throws IOException {
        return NetworkInterface.getByInetAddress(address) != null;
    }

    private static boolean asked(InetSocketAddress server, Duration limit) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
            // What others send is not taken then.
            socket.connect(server);
            byte[] question = question();
            socket.send(new DatagramPacket(question, question.length));
            byte[] room = new byte[ANSWER_BYTES_MAX];
            DatagramPacket answer = new DatagramPacket(room, room.length);
            socket.receive(answer);
            return isGood(ByteBuffer.wrap(room, 0, answer.getLength()));
        }
    }

    static byte[] question() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(ID);
            out.writeShort(RECURSION_DESIRED);
            // One question, and no records.
            out.writeShort(1);
            out.writeShort(0);
            out.writeInt(0);
            for (String label : NAME.split("\\.", -1)) {
                out.writeByte(label.length());
                out.write(label.getBytes(StandardCharsets.US_ASCII));
            }
            out.writeByte(0);
            out.writeShort(ADDRESS);
            out.writeShort(INTERNET);
        }
        return bytes.toByteArray();
    }

    static boolean isGood(ByteBuffer answer) {
        if (answer.remaining() < HEADER_BYTES) {
            return false;
        }
        int id = Short.toUnsignedInt(answer.getShort(0));
        int flags = Short.toUnsignedInt(answer.getShort(2));
        int records = Short.toUnsignedInt(answer.getShort(6));
        return id == ID && (flags & IS_ANSWER) != 0 && (flags & CODE) == 0 && records > 0;
    }
}
