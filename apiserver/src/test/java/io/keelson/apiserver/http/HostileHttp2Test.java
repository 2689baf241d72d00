package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.request.ApiResponse;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Clients of HTTP/2 that mean no good; frames written by hand. */
class HostileHttp2Test {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;

    private record Frame(int type, int flags, int stream, byte[] payload) {
        int code() {
            int at = type == GOAWAY ? 4 : 0;
            return (payload[at] & 0xff) << 24
                    | (payload[at + 1] & 0xff) << 16
                    | (payload[at + 2] & 0xff) << 8
                    | (payload[at + 3] & 0xff);
        }
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;

        Client(TestServer server) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.front.port());
            socket.setSoTimeout(20_000);
            in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(4, 0, 0, new byte[0]);
        }

        void send(int type, int flags, int stream, byte[] payload) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(payload.length >> 16);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
            frame.write(type);
            frame.write(flags);
            for (int shift = 24; shift >= 0; shift -= 8) {
                frame.write(stream >> shift);
            }
            frame.writeBytes(payload);
            socket.getOutputStream().write(frame.toByteArray());
        }

        void get(int stream, String path) throws IOException {
            send(HEADERS, END_STREAM | END_HEADERS, stream, head("GET", path));
        }

        void reset(int stream) throws IOException {
            send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }

        Frame next() throws IOException {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        }

        Frame next(int type) throws IOException {
            Frame frame = next();
            while (frame.type() != type) {
                frame = next();
            }
            return frame;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A block of header fields (RFC 7541), with names from the static table and values as they are. */
    private static byte[] head(String method, String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(method.equals("GET") ? 0x82 : 0x83);
        block.write(0x86);
        block.write(0x04);
        block.write(path.length());
        block.writeBytes(path.getBytes(StandardCharsets.US_ASCII));
        block.write(0x01);
        block.write(1);
        block.write('h');
        return block.toByteArray();
    }

    @Test
    void answersFramesWrittenByHand() throws Exception {
        try (TestServer server = TestServer.plain();
                Client client = new Client(server)) {
            client.get(1, "/hello");
            assertEquals("hello", new String(client.next(DATA).payload(), StandardCharsets.US_ASCII));
        }
    }

    /** CVE-2023-44487, CVE-2023-39325: streams that are opened and reset at once. */
    @Test
    void endsAFloodOfResets() throws Exception {
        try (TestServer server = TestServer.plain(HttpLimits.DEFAULT.withResetsMax(200));
                Client client = new Client(server)) {
            server.on("/wait", request -> new ApiResponse.Streamed(200, Map.of(), out -> Thread.sleep(60_000)));
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    for (int stream = 1; stream < 20_000; stream += 2) {
                        client.get(stream, "/wait");
                        client.reset(stream);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            assertEquals(ENHANCE_YOUR_CALM, client.next(GOAWAY).code());
            flood.join(Duration.ofSeconds(20));
            TestServer.eventually("no request", () -> server.front.requests() == 0);
        }
    }

    /** The same, against a handler that does not notice: no more of them run than streams may be open. */
    @Test
    void runsNoMoreRequestsThanStreamsMayBeOpen() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        try (TestServer server = TestServer.plain();
                Client client = new Client(server)) {
            server.on("/stubborn", request -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                go.await();
                now.decrementAndGet();
                return TestServer.ok("");
            });
            for (int stream = 1; stream < 1_000; stream += 2) {
                client.get(stream, "/stubborn");
                client.reset(stream);
            }
            client.get(1_001, "/stubborn");
            assertEquals(REFUSED_STREAM, client.next(RST_STREAM).code());
            TestServer.eventually("as many as may run at work", () -> most.get() >= 250);
            assertEquals(250, server.front.requests());
            assertEquals(250, most.get());
            go.countDown();
        }
    }

    /** CVE-2024-27983 and its like: header fields that never end. */
    @Test
    void endsHeaderFieldsWithoutEnd() throws Exception {
        try (TestServer server = TestServer.plain();
                Client client = new Client(server)) {
            client.send(HEADERS, END_STREAM, 1, head("GET", "/hello"));
            byte[] field = new byte[16_000];
            field[0] = 0x00;
            field[1] = 1;
            field[2] = 'x';
            field[3] = 0x7f; // 127 + 15,869 bytes of value, in 7 bits and more.
            field[4] = (byte) 0xfd;
            field[5] = 0x7b;
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        client.send(CONTINUATION, 0, 1, field);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            flood.join(Duration.ofSeconds(20));
            assertTrue(!flood.isAlive(), "it still reads");
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    @Test
    void closesAConnectionThatAsksForNothing() throws Exception {
        HttpLimits limits = HttpLimits.DEFAULT.withTimeouts(
                Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofSeconds(5));
        try (TestServer server = TestServer.plain(limits);
                Client client = new Client(server)) {
            assertEquals(0, client.next(GOAWAY).code());
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    @Test
    void holdsABodyThatNobodyReadsToItsWindow() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (TestServer server = TestServer.plain();
                Client client = new Client(server)) {
            server.on("/unread", request -> {
                go.await();
                return TestServer.ok("");
            });
            client.send(HEADERS, END_HEADERS, 1, head("POST", "/unread"));
            byte[] data = new byte[16_000];
            for (int i = 0; i < 5; i++) {
                client.send(DATA, 0, 1, data); // More than the window in the end, which is an error of the stream.
            }
            Frame reset = client.next(RST_STREAM);
            assertEquals(3, reset.code(), "FLOW_CONTROL_ERROR");
            client.get(3, "/hello");
            assertEquals("hello", new String(client.next(DATA).payload(), StandardCharsets.US_ASCII));
            go.countDown();
        }
    }
}
