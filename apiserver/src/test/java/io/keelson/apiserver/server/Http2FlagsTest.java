package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.http.FrameClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How clients may use HTTP/2, as flags have it. */
final class Http2FlagsTest {
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int SETTING_BYTES = 6;

    /** The chance that none of so many requests meets its lot is one in 10⁸, even at half of the largest chance. */
    private static final int REQUESTS = 2_000;

    /** As the administrator. */
    private static SSLSocket connect(ApiServer server, String... protocols) throws Exception {
        return connect(server, server.kubeconfig().current(Path.of(".")), protocols);
    }

    private static SSLSocket connect(ApiServer server, RemoteServer as, String... protocols) throws Exception {
        URI uri = URI.create(server.url());
        SSLSocket socket = (SSLSocket) as.tls().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Test
    void clientsAreAskedToMakeAnotherConnectionNowAndThen(@TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--goaway-chance=0.02"));
                FrameClient client = new FrameClient(connect(server, "h2"))) {
            boolean asked = false;
            for (int i = 0; i < REQUESTS && !asked; i++) {
                int stream = 2 * i + 1;
                client.get(stream, "/livez");
                boolean answered = false;
                while (!answered) {
                    FrameClient.Frame frame = client.next();
                    asked |= frame.type() == FrameClient.GOAWAY;
                    answered = frame.stream() == stream && (frame.flags() & FrameClient.END_STREAM) != 0;
                }
            }
            assertTrue(asked);
        }
    }

    @Test
    void clientsAreToldHowManyStreamsTheyMayOpen(@TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--http2-max-streams-per-connection=7"));
                FrameClient client = new FrameClient(connect(server, "h2"))) {
            byte[] settings = client.next(FrameClient.SETTINGS).payload();
            int streams = -1;
            for (int at = 0; at < settings.length; at += SETTING_BYTES) {
                if (settings[at + 1] == MAX_CONCURRENT_STREAMS) {
                    streams = settings[at + 5];
                }
            }
            assertEquals(7, streams);
        }
    }

    /** What a client without a name, and one of a name that nobody knows, get to see on a stream of their own connection. */
    @ParameterizedTest
    @CsvSource({"'', /livez", "no-such-token, /api"})
    @Execution(ExecutionMode.CONCURRENT)
    void whoIsNotKnownDoesNotKeepAConnection(String token, String path, @TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder));
                FrameClient stranger = new FrameClient(connect(
                        server,
                        RemoteServer.of(
                                server.url(),
                                server.kubeconfig().current(Path.of(".")).authorities()),
                        "h2"))) {
            stranger.get(1, path, token);
            boolean asked = false;
            boolean answered = false;
            while (!asked || !answered) {
                FrameClient.Frame frame = stranger.next();
                asked |= frame.type() == FrameClient.GOAWAY;
                answered |= frame.stream() == 1 && (frame.flags() & FrameClient.END_STREAM) != 0;
            }
            assertThrows(IOException.class, () -> stranger.next(FrameClient.DATA), "closed once all is answered");
        }
    }

    @Test
    void whoIsKnownKeepsTheConnection(@TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder));
                FrameClient client = new FrameClient(connect(server, "h2"))) {
            for (int stream = 1; stream < 20; stream += 2) {
                client.get(stream, "/livez");
                FrameClient.Frame frame = client.next();
                while (frame.stream() != stream || (frame.flags() & FrameClient.END_STREAM) == 0) {
                    assertNotEquals(FrameClient.GOAWAY, frame.type());
                    frame = client.next();
                }
            }
        }
    }

    @Test
    void clientsMayBeHeldToTheOlderVersion(@TempDir Path folder) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--disable-http2-serving"));
                SSLSocket both = connect(server, "h2", "http/1.1");
                Caller admin = Caller.admin(server)) {
            assertEquals("http/1.1", both.getApplicationProtocol());
            assertEquals(200, admin.get("/version").code());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --goaway-chance=0.03                   | --goaway-chance can not be less than 0 or greater than 0.02
                    --goaway-chance=-0.01                  | --goaway-chance can not be less than 0 or greater than 0.02
                    --goaway-chance=NaN                    | --goaway-chance can not be less than 0 or greater than 0.02
                    --http2-max-streams-per-connection=-1  | --http2-max-streams-per-connection -1 must be between 0 and 32000, inclusive
                    """)
    void whatCannotBeIsRefused(String flag, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, flag))
                        .getMessage());
    }
}
