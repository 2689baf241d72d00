package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The cluster's names are served when a question for one of them is answered, and not before. */
final class DnsProbeTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Test
    void anAnswerWithARecordIsGood() throws Exception {
        assertTrue(asked(0x8500, 1));
    }

    @Test
    void anAnswerThatKnowsNothingIsNot() throws Exception {
        assertFalse(asked(0x8500, 0));
        assertFalse(asked(0x8503, 0), "no such name");
        assertFalse(asked(0x8502, 1), "the server failed");
        assertFalse(asked(0x0100, 1), "its own question");
    }

    @Test
    void whereNobodyListensThereIsNone() throws Exception {
        InetSocketAddress closed;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            closed = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        assertFalse(DnsProbe.answers(closed, LIMIT));
    }

    @Test
    void anAddressElsewhereIsNotAsked() {
        // Of those that are nobody's: a question would go out, and be waited for.
        long begun = System.nanoTime();
        assertFalse(DnsProbe.answers(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 53), LIMIT));
        assertTrue(System.nanoTime() - begun < LIMIT.toNanos());
    }

    /** Asks a server that gives one answer. */
    private static boolean asked(int flags, int records) throws Exception {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
            Thread answering = Thread.ofVirtual().start(() -> answer(server, flags, records));
            boolean is = DnsProbe.answers((InetSocketAddress) server.getLocalSocketAddress(), LIMIT);
            answering.join();
            return is;
        }
    }

    private static void answer(DatagramSocket server, int flags, int records) {
        try {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            server.receive(packet);
            byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
            assertTrue(new String(question, StandardCharsets.ISO_8859_1)
                    .contains("\nkubernetes\7default\3svc\7cluster\5local\0"));
            ByteBuffer.wrap(question).putShort(2, (short) flags).putShort(6, (short) records);
            server.send(new DatagramPacket(question, question.length, packet.getSocketAddress()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
