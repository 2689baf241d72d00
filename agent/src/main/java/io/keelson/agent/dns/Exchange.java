package io.keelson.agent.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server one question. Whoever else wants to answer has to guess the port that we send from, which is another one each
 * time and takes datagrams from that server only, the id, and the case of each letter of the name; what does not fit is not
 * looked at further. Who gets many guesses makes us ask by TCP, as does an answer that was too long.
 */
final class Exchange {
    private static final int GUESSES_MAX = 16;
    private static final int DATAGRAM_OCTETS_MAX = 4096;

    private final InetSocketAddress server;
    private final SecureRandom random;
    private final long timeNanos;

    /**
     * To a server.
     *
     * @param time how long one way may take, by UDP or by TCP
     */
    Exchange(InetSocketAddress server, SecureRandom random, Duration time) {
        this.server = server;
        this.random = random;
        timeNanos = time.toNanos();
    }

    /**
     * What the server says; it belongs to the question.
     *
     * @throws IOException if it says nothing, or nothing that can be used; the text says what happened
     */
    Message ask(AnswerCache.Request request) throws IOException {
        Message query = query(request, true);
        Message answer = byDatagram(query);
        if (answer != null && rejectsEdns(answer)) {
            answer = byStream(query(request, false));
        } else if (answer == null || answer.has(Message.TRUNCATED)) {
            answer = byStream(query);
        }
        return answer;
    }

    private Message query(AnswerCache.Request request, boolean withEdns) {
        Question asked = request.question();
        int flags =
                Message.RECURSION_DESIRED | Message.AUTHENTIC | (request.unchecked() ? Message.CHECKING_DISABLED : 0);
        return Message.query(
                random.nextInt(1 << 16),
                flags,
                new Question(mixed(asked.name()), asked.type(), asked.group()),
                withEdns ? new Edns(Edns.OCTETS, 0, request.dnssec(), null) : null);
    }

    private DnsName mixed(DnsName name) {
        byte[] wire = name.wire().clone();
        byte[] coins = new byte[wire.length];
        random.nextBytes(coins);
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            for (int i = at + 1; i <= at + wire[at]; i++) {
                int lower = DnsName.lower(wire[i]);
                if (lower >= 'a' && lower <= 'z') {
                    wire[i] = (byte) (coins[i] < 0 ? lower : lower - ('a' - 'A'));
                }
            }
        }
        return DnsName.ofWire(wire);
    }

    /** A server from before there was EDNS knows no better. */
    private static boolean rejectsEdns(Message answer) {
        return answer.edns() == null && (answer.code() == ResponseCode.FORMERR || answer.code() == ResponseCode.NOTIMP);
    }

    /** Null if it is better to ask by TCP. */
    private @Nullable Message byDatagram(Message query) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server);
            byte[] sent = MessageWriter.write(query, Message.OCTETS_MAX);
            socket.send(new DatagramPacket(sent, sent.length));
            byte[] octets = new byte[DATAGRAM_OCTETS_MAX];
            long begin = System.nanoTime();
            for (int guesses = 0; guesses < GUESSES_MAX; guesses++) {
                long leftMillis = Duration.ofNanos(timeNanos - (System.nanoTime() - begin))
                        .toMillis();
                if (leftMillis <= 0) {
                    throw new SocketTimeoutException();
                }
                socket.setSoTimeout(Math.toIntExact(leftMillis));
                DatagramPacket packet = new DatagramPacket(octets, octets.length);
                socket.receive(packet);
                Message answer = answer(query, octets, packet.getLength());
                if (answer != null && !hasCase(query, answer)) {
                    return null;
                }
                if (answer != null) {
                    return answer;
                }
            }
            return null;
        } catch (SocketTimeoutException e) {
            throw new IOException(
                    "no answer within " + Duration.ofNanos(timeNanos).toMillis() + " ms", e);
        } catch (PortUnreachableException e) {
            throw new IOException("nobody listens", e);
        }
    }

    private Message byStream(Message query) throws IOException {
        int millis = Math.toIntExact(Duration.ofNanos(timeNanos).toMillis());
        // A server that says one octet after the other is not waited for either.
        long begin = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(server, millis);
            byte[] sent = MessageWriter.write(query, Message.OCTETS_MAX);
            byte[] framed = ByteBuffer.allocate(sent.length + 2)
                    .putShort((short) sent.length)
                    .put(sent)
                    .array();
            socket.getOutputStream().write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] length = read(socket, in, 2, begin);
            byte[] octets = read(socket, in, (length[0] & 0xff) << 8 | (length[1] & 0xff), begin);
            Message answer = answer(query, octets, octets.length);
            if (answer == null || answer.question() == null) {
                throw new IOException("an answer by TCP that does not belong to the question");
            }
            return answer;
        } catch (SocketTimeoutException e) {
            throw new IOException("no answer by TCP within " + millis + " ms", e);
        }
    }

    private byte[] read(Socket socket, DataInputStream in, int count, long begin) throws IOException {
        byte[] octets = new byte[count];
        int have = 0;
        while (have < count) {
            long leftMillis =
                    Duration.ofNanos(timeNanos - (System.nanoTime() - begin)).toMillis();
            if (leftMillis <= 0) {
                throw new SocketTimeoutException();
            }
            socket.setSoTimeout(Math.toIntExact(leftMillis));
            int more = in.read(octets, have, count - have);
            if (more < 0) {
                throw new IOException("the connection ended before the answer did");
            }
            have += more;
        }
        return octets;
    }

    /** An answer to the question; null if it is none. */
    private static @Nullable Message answer(Message query, byte[] octets, int length) {
        try {
            Message answer = MessageReader.read(octets, length);
            boolean isIts = answer.id() == query.id() && answer.has(Message.RESPONSE) && answer.operation() == 0;
            boolean isOfQuestion = answer.question() == null
                    ? answer.code() == ResponseCode.FORMERR
                    : answer.question().equals(query.question());
            return isIts && isOfQuestion ? answer : null;
        } catch (MalformedMessage e) {
            // It is as good as a guess that was wrong.
            return null;
        }
    }

    private static boolean hasCase(Message query, Message answer) {
        return answer.question() == null
                || (query.question() != null
                        && answer.question().name().sameCase(query.question().name()));
    }
}
