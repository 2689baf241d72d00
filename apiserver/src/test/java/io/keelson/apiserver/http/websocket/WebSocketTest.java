package io.keelson.apiserver.http.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.http.HttpFront;
import io.keelson.apiserver.http.HttpSettings;
import io.keelson.apiserver.request.Handler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets: through the JDK's client, and frame by frame. */
class WebSocketTest {
    private static final int MAX = 1 << 20;

    private static HttpFront serve(Handler handler) throws IOException {
        return HttpFront.start(
                HttpSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null), handler);
    }

    private static HttpFront serveEcho() throws IOException {
        return serve(request -> WebSocketUpgrade.accept(
                request, List.of("v5.channel.k8s.io", "v4.channel.k8s.io"), MAX, (socket, protocol) -> {
                    socket.sendText(protocol);
                    for (WebSocket.Message message = socket.receive(); message != null; message = socket.receive()) {
                        socket.sendBinary(message.data());
                    }
                }));
    }

    /** Collects what comes. */
    private static final class Listener implements java.net.http.WebSocket.Listener {
        final LinkedBlockingQueue<String> texts = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        final CompletableFuture<String> ponged = new CompletableFuture<>();
        private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

        @Override
        public @Nullable CompletionStage<?> onText(java.net.http.WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(java.net.http.WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            begun.writeBytes(bytes);
            if (last) {
                messages.add(begun.toByteArray());
                begun.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(java.net.http.WebSocket socket, ByteBuffer data) {
            ponged.complete(StandardCharsets.US_ASCII.decode(data).toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }
    }

    private static java.net.http.WebSocket connect(
            HttpClient client, HttpFront front, Listener listener, String... protocols) {
        java.net.http.WebSocket.Builder builder = client.newWebSocketBuilder();
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        return builder.buildAsync(URI.create("ws://127.0.0.1:" + front.port() + "/"), listener)
                .join();
    }

    @Test
    void talksWithTheClientOfTheJdk() throws Exception {
        try (HttpFront front = serveEcho();
                HttpClient client = HttpClient.newHttpClient()) {
            Listener listener = new Listener();
            java.net.http.WebSocket socket =
                    connect(client, front, listener, "other", "v4.channel.k8s.io", "v5.channel.k8s.io");
            assertEquals("v4.channel.k8s.io", socket.getSubprotocol());
            assertEquals("v4.channel.k8s.io", listener.texts.poll(10, TimeUnit.SECONDS));
            for (int size : new int[] {0, 1, 125, 126, 65_535, 65_536, 1_000_000}) {
                byte[] data = new byte[size];
                Arrays.fill(data, (byte) size);
                if (size > 1) {
                    socket.sendBinary(ByteBuffer.wrap(data, 0, 1), false).join();
                    socket.sendPing(ByteBuffer.wrap("now".getBytes(StandardCharsets.US_ASCII)))
                            .join();
                    socket.sendBinary(ByteBuffer.wrap(data, 1, size - 1), true).join();
                } else {
                    socket.sendBinary(ByteBuffer.wrap(data), true).join();
                }
                assertArrayEquals(data, listener.messages.poll(10, TimeUnit.SECONDS));
            }
            assertEquals("now", listener.ponged.get(10, TimeUnit.SECONDS));
            socket.sendClose(1000, "done").join();
            assertEquals(1000, listener.closed.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void closesOnMessagesThatAreTooLarge() throws Exception {
        try (HttpFront front = serveEcho();
                HttpClient client = HttpClient.newHttpClient()) {
            Listener listener = new Listener();
            java.net.http.WebSocket socket = connect(client, front, listener, "v5.channel.k8s.io");
            socket.sendBinary(ByteBuffer.allocate(MAX), false).join();
            socket.sendBinary(ByteBuffer.allocate(1), true).join();
            assertEquals(1009, listener.closed.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void refusesHandshakesThatAreNone() throws Exception {
        try (HttpFront front = serveEcho();
                HttpClient client = HttpClient.newHttpClient()) {
            CompletionException e =
                    assertThrows(CompletionException.class, () -> connect(client, front, new Listener(), "other"));
            WebSocketHandshakeException refused = assertInstanceOf(WebSocketHandshakeException.class, e.getCause());
            assertEquals(403, refused.getResponse().statusCode());
            assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketUpgrade.answerTo("dGhlIHNhbXBsZSBub25jZQ=="));
        }
    }

    private static byte[] frame(int first, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        byte[] mask = {1, 2, 3, 4};
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i & 3]);
        }
        return frame.toByteArray();
    }

    private static WebSocket reading(byte[]... frames) {
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            in.writeBytes(frame);
        }
        return new WebSocket(new ByteArrayInputStream(in.toByteArray()), new ByteArrayOutputStream(), MAX);
    }

    @ParameterizedTest
    @CsvSource({
        "8100, 1002", // not masked
        "c18000000000, 1002", // reserved bits
        "838000000000, 1002", // an unknown kind
        "8b8000000000, 1002",
        "098000000000, 1002", // a ping in parts
        "89fe007e00000000, 1002", // a ping that is too long
        "82fe000500000000, 1002", // a length that is longer than it need be
        "82ff000000000000ffff00000000, 1002",
        "82ffffffffffffffffff00000000, 1002", // a negative length
        "82ff000000010000000000000000, 1009", // four gigabytes
        "808000000000, 1002", // the end of no message
        "018000000000018000000000, 1002", // a message within a message
        "818100000000ff, 1007", // no UTF-8
        "888100000000ff, 1002", // half a code
        "88820000000003ed, 1002", // 1005
        "888200000000ffff, 1002",
        "888300000000" + "03e8ff, 1007",
    })
    void refusesWhatBreaksTheProtocol(String hex, int code) {
        WebSocket socket = reading(HexFormat.of().parseHex(hex));
        WebSocketException e = assertThrows(WebSocketException.class, socket::receive);
        assertEquals(code, e.closeCode());
    }

    @Test
    void endsWithTheConnection() {
        assertThrows(EOFException.class, reading()::receive);
        assertThrows(EOFException.class, reading(new byte[] {(byte) 0x82, (byte) 0x85, 1, 2, 3, 4, 5})::receive);
    }

    @Property(tries = 300)
    void readsMessagesInAnyParts(@ForAll @Size(min = 1, max = 6) List<@Size(max = 300) byte[]> parts)
            throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        byte[][] frames = new byte[parts.size() * 2][];
        for (int i = 0; i < parts.size(); i++) {
            whole.writeBytes(parts.get(i));
            frames[2 * i] = frame(0x8a, new byte[] {1});
            frames[2 * i + 1] = frame((i == 0 ? 2 : 0) | (i == parts.size() - 1 ? 0x80 : 0), parts.get(i));
        }
        WebSocket.Message message = reading(frames).receive();
        assertTrue(message != null && !message.text());
        assertArrayEquals(whole.toByteArray(), message.data());
    }

    @Property(tries = 500)
    void survivesRubbish(@ForAll @Size(max = 100) byte[] bytes) {
        WebSocket socket = reading(bytes);
        assertThrows(IOException.class, () -> {
            while (socket.receive() != null) {
                // Until it ends, one way or the other.
            }
            throw new EOFException("closed properly");
        });
    }

    @Test
    void tellsChannelsApart() throws IOException {
        byte[] close = {(byte) 255, 0};
        Channels v5 = new Channels(
                reading(frame(0x82, new byte[] {0, 'h', 'i'}), frame(0x82, close), frame(0x88, new byte[0])),
                ChannelProtocol.V5);
        Channels.Event.Data data = assertInstanceOf(Channels.Event.Data.class, v5.receive());
        assertEquals(Channels.STDIN, data.channel());
        assertEquals("hi", new String(data.data(), StandardCharsets.US_ASCII));
        assertEquals(new Channels.Event.Closed(0), v5.receive());
        assertNull(v5.receive());

        Channels v4 = new Channels(reading(frame(0x82, close)), ChannelProtocol.V4);
        assertInstanceOf(Channels.Event.Data.class, v4.receive());
        Channels base64 = new Channels(
                reading(frame(0x81, "0aGk=".getBytes(StandardCharsets.US_ASCII)), frame(0x81, new byte[] {'x'})),
                ChannelProtocol.V1_BASE64);
        Channels.Event.Data decoded = assertInstanceOf(Channels.Event.Data.class, base64.receive());
        assertEquals("hi", new String(decoded.data(), StandardCharsets.US_ASCII));
        assertThrows(WebSocketException.class, base64::receive);
        assertThrows(
                WebSocketException.class,
                () -> new Channels(reading(frame(0x82, new byte[0])), ChannelProtocol.V5).receive());
    }

    @Test
    void writesChannels() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Channels channels =
                new Channels(new WebSocket(new ByteArrayInputStream(new byte[0]), out, MAX), ChannelProtocol.V5);
        channels.output(Channels.STDOUT).write("ok".getBytes(StandardCharsets.US_ASCII));
        channels.end(Channels.STDOUT);
        assertArrayEquals(new byte[] {(byte) 0x82, 3, 1, 'o', 'k', (byte) 0x82, 2, (byte) 255, 1}, out.toByteArray());
        out.reset();
        new Channels(new WebSocket(new ByteArrayInputStream(new byte[0]), out, MAX), ChannelProtocol.V4_BASE64)
                .send(Channels.STDERR, "hi".getBytes(StandardCharsets.US_ASCII), 0, 2);
        assertEquals("2aGk=", out.toString(StandardCharsets.US_ASCII).substring(2));
    }

    @Test
    void carriesBytesThroughATunnel() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] in = concat(
                frame(0x82, new byte[] {1, 2}),
                frame(0x82, new byte[0]),
                frame(0x82, new byte[] {3}),
                frame(0x88, new byte[0]));
        Tunnel tunnel = new Tunnel(new WebSocket(new ByteArrayInputStream(in), out, MAX));
        assertArrayEquals(new byte[] {1, 2, 3}, tunnel.input().readAllBytes());
        Tunnel text = new Tunnel(reading(frame(0x81, new byte[] {'a'})));
        assertThrows(WebSocketException.class, text.input()::read);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
