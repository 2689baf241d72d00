package io.keelson.kvstore.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Asks the machine's name servers for SRV records (RFC 2782). The JDK's own way to them, JNDI, can be made to load
 * objects by whoever answers, so the one question is put here by hand: over UDP, and over TCP when the answer is cut.
 */
final class DnsServices {
    private static final int PORT = 53;
    private static final int TIMEOUT_MS = 5000;
    private static final int DATAGRAM_BYTES_MAX = 4096;
    private static final int HEADER_BYTES = 12;
    private static final int TYPE_SRV = 33;
    private static final int CLASS_INTERNET = 1;
    private static final int FLAG_RECURSION_DESIRED = 0x0100;
    private static final int FLAG_TRUNCATED = 0x0200;
    private static final int RESPONSE_CODE_MASK = 0x000f;
    private static final int NAME_ERROR = 3;
    private static final int POINTER_MASK = 0xc0;
    private static final int POINTERS_MAX = 64;
    private static final int LABEL_BYTES_MAX = 63;

    private DnsServices() {}

    /** Where one instance of a service is. */
    record Service(int priority, int weight, int port, String host) {}

    /**
     * The instances of a service, the most preferred first.
     *
     * @throws IOException when no name server knows any
     */
    static List<Service> lookUp(String name) throws IOException {
        byte[] query = query(name);
        IOException failure = new IOException("no name server");
        for (InetAddress server : nameServers()) {
            try {
                return parse(ask(server, query), query);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static List<InetAddress> nameServers() throws IOException {
        List<InetAddress> servers = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
            if (line.startsWith("nameserver ")) {
                servers.add(InetAddress.getByName(
                        line.substring("nameserver ".length()).strip()));
            }
        }
        return servers;
    }

    static byte[] query(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(new SecureRandom().nextInt(0x10000));
        out.writeShort(FLAG_RECURSION_DESIRED);
        out.writeShort(1);
        out.writeShort(0);
        out.writeInt(0);
        for (String label : ByteText.split(name, '.')) {
            if (label.isEmpty()) {
                continue;
            }
            byte[] ascii = label.getBytes(US_ASCII);
            if (ascii.length > LABEL_BYTES_MAX) {
                throw new IOException("no such host");
            }
            out.writeByte(ascii.length);
            out.write(ascii);
        }
        out.writeByte(0);
        out.writeShort(TYPE_SRV);
        out.writeShort(CLASS_INTERNET);
        return bytes.toByteArray();
    }

    private static ByteBuffer ask(InetAddress server, byte[] query) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.connect(server, PORT);
            socket.send(new DatagramPacket(query, query.length));
            byte[] answer = new byte[DATAGRAM_BYTES_MAX];
            DatagramPacket packet = new DatagramPacket(answer, answer.length);
            do {
                socket.receive(packet);
            } while (packet.getLength() < HEADER_BYTES || answer[0] != query[0] || answer[1] != query[1]);
            ByteBuffer buffer = ByteBuffer.wrap(answer, 0, packet.getLength());
            return (buffer.getShort(2) & FLAG_TRUNCATED) == 0 ? buffer : askOverTcp(server, query);
        }
    }

    private static ByteBuffer askOverTcp(InetAddress server, byte[] query) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server, PORT), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            return ByteBuffer.wrap(answer);
        }
    }

    /** The records of an answer. */
    static List<Service> parse(ByteBuffer answer, byte[] query) throws IOException {
        try {
            int code = answer.getShort(2) & RESPONSE_CODE_MASK;
            if (code != 0) {
                throw new IOException(code == NAME_ERROR ? "no such host" : "server misbehaving");
            }
            int records = Short.toUnsignedInt(answer.getShort(6));
            answer.position(query.length);
            List<Service> services = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                String unnamed = name(answer);
                int type = Short.toUnsignedInt(answer.getShort());
                answer.position(answer.position() + 6);
                int length = Short.toUnsignedInt(answer.getShort());
                int end = answer.position() + length;
                if (type == TYPE_SRV && !unnamed.isEmpty()) {
                    int priority = Short.toUnsignedInt(answer.getShort());
                    int weight = Short.toUnsignedInt(answer.getShort());
                    services.add(new Service(priority, weight, Short.toUnsignedInt(answer.getShort()), name(answer)));
                }
                answer.position(end);
            }
            if (services.isEmpty()) {
                throw new IOException("no such host");
            }
            services.sort(Comparator.comparingInt(Service::priority));
            return services;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("cannot read the name server's answer", e);
        }
    }

    /** A name, following pointers to earlier ones; leaves the buffer behind it. */
    private static String name(ByteBuffer answer) throws IOException {
        StringBuilder name = new StringBuilder();
        int behind = -1;
        int at = answer.position();
        for (int pointers = 0; pointers < POINTERS_MAX; ) {
            int length = Byte.toUnsignedInt(answer.get(at));
            if ((length & POINTER_MASK) == POINTER_MASK) {
                behind = behind < 0 ? at + 2 : behind;
                at = ((length & ~POINTER_MASK) << 8) | Byte.toUnsignedInt(answer.get(at + 1));
                pointers++;
                continue;
            }
            at++;
            if (length == 0) {
                answer.position(behind < 0 ? at : behind);
                return name.toString();
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            for (int i = 0; i < length; i++) {
                name.append((char) Byte.toUnsignedInt(answer.get(at + i)));
            }
            at += length;
        }
        throw new IOException("cannot read the name server's answer");
    }
}
