package io.keelson.agent.embedded.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.cri.ChannelClient;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.PortForwardRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamingServerTest {
    private StreamingServer server;

    /** A process that gives back what it is given, and ends with code 3 at an empty line. */
    private static final class Echo implements ProcessStream {
        private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();

        @Override
        public @Nullable Piece read() throws IOException {
            try {
                return pieces.take();
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
            pieces.add(text.equals("\n") ? new Exit(3) : new Output(false, text.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void closeInput() {
            pieces.add(new Exit(0));
        }

        @Override
        public void resize(int rows, int columns) {
            pieces.add(new Output(false, (rows + "x" + columns).getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void close() {
            pieces.add(new Exit(9));
        }
    }

    @BeforeEach
    void begin() throws Exception {
        ProcessStreams streams = new ProcessStreams() {
            @Override
            public ProcessStream exec(String id, List<String> command, boolean terminal, boolean input)
                    throws IOException {
                if (command.isEmpty()) {
                    throw new IOException("no command");
                }
                return new Echo();
            }

            @Override
            public ProcessStream attach(String id) {
                return new Echo();
            }

            @Override
            public ProcessStream dial(String id, int port) {
                return new Echo();
            }
        };
        server = new StreamingServer(streams, InstantSource.system());
    }

    @AfterEach
    void end() {
        server.close();
    }

    private static ExecRequest request(String... command) {
        return ExecRequest.newBuilder()
                .addAllCmd(List.of(command))
                .setStdin(true)
                .setStdout(true)
                .setTty(true)
                .build();
    }

    @Test
    void channelsCarryInputOutputSizeAndTheEnd() throws Exception {
        try (ChannelClient client = ChannelClient.open(server.url(request("cat")))) {
            client.send(ChannelClient.STDIN, "hello");
            client.awaitText(ChannelClient.STDOUT, "hello");
            client.send(ChannelClient.RESIZE, "{\"Width\":80,\"Height\":24}");
            client.awaitText(ChannelClient.STDOUT, "24x80");
            client.send(ChannelClient.RESIZE, "nonsense");
            client.send(77, "nobody");
            client.send(ChannelClient.STDIN, "\n");
            client.awaitEnd();
            assertTrue(client.text(ChannelClient.ERROR).contains("NonZeroExitCode"));
        }
    }

    @Test
    void streamsOfSpdyCarryTheSame() throws Exception {
        try (SpdyClient client = new SpdyClient(server.url(request("cat")), "v4.channel.k8s.io")) {
            int error = client.open("error", "", "");
            int input = client.open("stdin", "", "");
            int output = client.open("stdout", "", "");
            int resize = client.open("resize", "", "");
            client.send(input, "hello", false);
            client.await(output, "hello");
            client.send(resize, "{\"Width\":80,\"Height\":24}", false);
            client.await(output, "24x80");
            client.send(input, "\n", false);
            assertTrue(client.awaitEnd(error).contains("NonZeroExitCode"));
        }
        try (SpdyClient client = new SpdyClient(server.url(request()), "v4.channel.k8s.io")) {
            int error = client.open("error", "", "");
            for (String type : List.of("stdin", "stdout", "resize")) {
                assertTrue(client.open(type, "", "") > error);
            }
            assertTrue(client.awaitEnd(error).contains("no command"));
        }
    }

    @Test
    void portsAreForwardedOverSpdyConnectionByConnection() throws Exception {
        String url = server.url(
                PortForwardRequest.newBuilder().setPodSandboxId("p").addPort(80).build());
        try (SpdyClient client = new SpdyClient(url, "portforward.k8s.io")) {
            int firstError = client.open("error", "80", "0");
            int first = client.open("data", "80", "0");
            int secondError = client.open("error", "nonsense", "1");
            int second = client.open("data", "nonsense", "1");
            client.send(first, "ping", false);
            client.await(first, "ping");
            assertTrue(client.awaitEnd(secondError).contains("nonsense"));
            assertEquals("", client.awaitEnd(second));
            client.send(first, "", true);
            assertEquals("ping", client.awaitEnd(first));
            assertEquals("", client.awaitEnd(firstError));
        }
    }

    @Test
    void failureToBeginIsTold() throws Exception {
        try (ChannelClient client = ChannelClient.open(server.url(request()))) {
            client.awaitEnd();
            assertTrue(client.text(ChannelClient.ERROR).contains("no command"), client.text(ChannelClient.ERROR));
        }
    }

    @Test
    void urlIsGoodOnce() throws Exception {
        String url = server.url(request("cat"));
        ChannelClient.open(url).close();
        assertThrows(Exception.class, () -> ChannelClient.open(url));
        assertTrue(answer(url, "GET " + URI.create(url).getPath() + " HTTP/1.1\r\n\r\n")
                .startsWith("HTTP/1.1 400"));
    }

    @Test
    void tokensEndAfterAMinuteAndAreLimited() {
        Instant[] now = {Instant.EPOCH};
        StreamTokens tokens = new StreamTokens(() -> now[0]);
        String early = tokens.add(request("a"));
        now[0] = now[0].plusSeconds(59);
        String late = tokens.add(request("b"));
        now[0] = now[0].plusSeconds(1);
        assertNull(tokens.take(early));
        assertNotNull(tokens.take(late));
        assertNull(tokens.take(late));
        for (int i = 0; i < StreamTokens.MAX; i++) {
            assertFalse(tokens.add(request("c")).isEmpty());
        }
        assertThrows(IllegalStateException.class, () -> tokens.add(request("d")));
    }

    @Test
    void nonsenseGetsAnAnswerOrAnEnd() throws Exception {
        String url = server.url(request("cat"));
        assertTrue(answer(url, handshake("/exec/x")).startsWith("HTTP/1.1 404"));
        assertTrue(answer(url, "GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 404"));
        assertTrue(answer(url, "nonsense\r\n\r\n").startsWith("HTTP/1.1 400"));
        assertTrue(answer(url, "GET /" + "x".repeat(20_000)).startsWith("HTTP/1.1 400"));
    }

    @Test
    void framesThatAreNoneEndTheSocketAndNotTheServer() {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            if (i % 2 == 0 && bytes.length > 1) {
                bytes[0] = (byte) (0x80 | random.nextInt(11));
                bytes[1] = (byte) (bytes[1] | 0x80);
            }
            WebSocket socket = new WebSocket(new ByteArrayInputStream(bytes), new ByteArrayOutputStream());
            try {
                byte[] message = socket.receive();
                while (message != null) {
                    message = socket.receive();
                }
            } catch (IOException refused) {
                assertNotNull(refused);
            }
        }
    }

    @Test
    void handshakeIsThatOfTheSpecification() {
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocket.accept("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    private static String handshake(String path) {
        return String.join(
                "\r\n",
                "GET " + path + " HTTP/1.1",
                "Upgrade: websocket",
                "Sec-WebSocket-Key: a",
                "Sec-WebSocket-Protocol: v4.channel.k8s.io",
                "",
                "");
    }

    private static String answer(String url, String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), URI.create(url).getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException reset) {
            return "HTTP/1.1 400 closed with more to read";
        }
    }
}
