package io.keelson.apiserver.server;

import io.keelson.apiserver.http.websocket.ChannelProtocol;
import io.keelson.apiserver.http.websocket.Channels;
import io.keelson.apiserver.http.websocket.WebSocket;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.RequestTarget;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An agent of a node as far as an API server knows it: logs that a test writes, commands that are run on this machine, ports
 * of this machine; over SPDY and WebSockets.
 */
public final class TestKubelet implements AutoCloseable {
    private static final String END_OF_LOG = "";

    private static final String SPDY = """
            HTTP/1.1 101 Switching Protocols\r
            Connection: Upgrade\r
            Upgrade: SPDY/3.1\r
            X-Stream-Protocol-Version: %s\r
            \r
            """;

    private final TestBackend backend;
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> sizes = new LinkedBlockingQueue<>();

    /** What a process is given. */
    private record Streams(
            InputStream stdin,
            @Nullable OutputStream stdout,
            @Nullable OutputStream stderr,
            OutputStream status) {}

    public TestKubelet() throws IOException, GeneralSecurityException {
        backend = new TestBackend(InetAddress.getLoopbackAddress(), List.of("127.0.0.1", "localhost"), this::handle);
    }

    TestBackend backend() {
        return backend;
    }

    public int port() {
        return backend.port();
    }

    /** The next size that a terminal was given. */
    String size() throws InterruptedException {
        return Objects.requireNonNull(sizes.poll(20, TimeUnit.SECONDS), "no size has come");
    }

    /** Adds to the log that is being followed. */
    public void log(String text) {
        log.add(text);
    }

    public void endLog() {
        log.add(END_OF_LOG);
    }

    private void handle(TestBackend.Call call) throws IOException, InterruptedException {
        RequestTarget target = RequestTarget.parse(call.target());
        Query query = target.query();
        String[] path = target.path().split("/", -1);
        switch (path[1]) {
            case "containerLogs" -> logs(call, query);
            case "exec" -> exec(call, query.all("command"), query);
            case "attach" -> exec(call, List.of("sh", "-c", "echo attached; cat"), query);
            case "portForward" -> portForward(call);
            case "metrics" -> call.answer(200, "text/plain", "up 1\n");
            default -> call.answer(404, "text/plain", "404 page not found");
        }
    }

    private void logs(TestBackend.Call call, Query query) throws IOException, InterruptedException {
        if (!query.flag("follow")) {
            call.answer(200, "text/plain", "asked " + query.raw() + "\n");
            return;
        }
        String next = log.take();
        call.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (!next.equals(END_OF_LOG)) {
            call.chunk(next);
            next = log.take();
        }
        call.write("0\r\n\r\n");
    }

    private void exec(TestBackend.Call call, List<String> command, Query query)
            throws IOException, InterruptedException {
        switch (TestBackend.upgrade(call)) {
            case "spdy/3.1" -> execBySpdy(call, command, query);
            case "websocket" -> execByWebSocket(call, command, query);
            default -> call.answer(400, "text/plain", "you must upgrade");
        }
    }

    private void execBySpdy(TestBackend.Call call, List<String> command, Query query) throws IOException {
        int wanted = query.flag("tty") ? 2 : 1;
        for (String flag : List.of("input", "output", "error")) {
            boolean stderrOfTerminal = flag.equals("error") && query.flag("tty");
            wanted += query.flag(flag) && !stderrOfTerminal ? 1 : 0;
        }
        int streams = wanted;
        call.write(SPDY.formatted("v4.channel.k8s.io"));
        SpdyPeer peer = new SpdyPeer(call.in(), call.out());
        Map<String, SpdyPeer.Stream> taken = new ConcurrentHashMap<>();
        peer.serve(stream -> {
            taken.put(stream.type(), stream);
            if (stream.type().equals("resize")) {
                Thread.ofVirtual().start(() -> readSizes(stream.in()));
            }
            if (taken.size() == streams) {
                Thread.ofVirtual().start(() -> {
                    SpdyPeer.Stream stdin = taken.get("stdin");
                    SpdyPeer.Stream stdout = taken.get("stdout");
                    SpdyPeer.Stream stderr = taken.get("stderr");
                    run(
                            command,
                            new Streams(
                                    stdin == null ? InputStream.nullInputStream() : stdin.in(),
                                    stdout == null ? null : stdout.out(),
                                    stderr == null ? null : stderr.out(),
                                    Objects.requireNonNull(taken.get("error")).out()));
                    end(call);
                });
            }
        });
    }

    private void readSizes(InputStream in) {
        try {
            while (true) {
                sizes.add(TestBackend.line(in));
            }
        } catch (IOException e) {
            // The client has left.
        }
    }

    private static void end(TestBackend.Call call) {
        try {
            call.in().close(); // As agents do it: the connection, not the streams.
        } catch (IOException e) {
            // It is closed.
        }
    }

    private static void execByWebSocket(TestBackend.Call call, List<String> command, Query query)
            throws IOException, InterruptedException {
        List<String> offered = List.of(call.field("Sec-WebSocket-Protocol").split(", ?", -1));
        ChannelProtocol protocol = offered.contains("v5.channel.k8s.io") ? ChannelProtocol.V5 : ChannelProtocol.V4;
        call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Protocol: " + protocol.text() + "\r\nSec-WebSocket-Accept: "
                + accept(call.field("Sec-WebSocket-Key")) + "\r\n\r\n");
        WebSocket socket = new WebSocket(call.in(), call.out(), 1 << 20);
        Channels channels = new Channels(socket, protocol);
        PipedOutputStream toProcess = new PipedOutputStream();
        PipedInputStream stdin = new PipedInputStream(toProcess, 64 << 10);
        Thread process = Thread.ofVirtual()
                .start(() -> run(
                        command,
                        new Streams(
                                stdin,
                                query.flag("output") ? channels.output(Channels.STDOUT) : null,
                                query.flag("error") ? channels.output(Channels.STDERR) : null,
                                channels.output(Channels.ERROR))));
        Thread.ofVirtual().start(() -> {
            try {
                for (Channels.Event event = channels.receive(); event != null; event = channels.receive()) {
                    switch (event) {
                        case Channels.Event.Data data
                        when data.channel() == Channels.STDIN -> toProcess.write(data.data());
                        case Channels.Event.Closed closed when closed.channel() == Channels.STDIN -> toProcess.close();
                        default -> {
                            // Not for the process.
                        }
                    }
                }
                toProcess.close();
            } catch (IOException e) {
                // The client has left.
            }
        });
        process.join();
        socket.close(WebSocket.NORMAL, "");
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(List<String> command, Streams streams) {
        try {
            Process process = new ProcessBuilder(command).start();
            Thread.ofVirtual().start(() -> {
                try (OutputStream to = process.getOutputStream()) {
                    copy(streams.stdin(), to);
                } catch (IOException e) {
                    // The process does not read.
                }
            });
            Thread errors = Thread.ofVirtual().start(() -> copyQuietly(process.getErrorStream(), streams.stderr()));
            copyQuietly(process.getInputStream(), streams.stdout());
            errors.join();
            streams.status().write(status(process.waitFor()).getBytes(StandardCharsets.UTF_8));
            streams.status().flush();
        } catch (IOException e) {
            // The client has left.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copyQuietly(InputStream from, @Nullable OutputStream to) {
        try {
            copy(from, to == null ? OutputStream.nullOutputStream() : to);
        } catch (IOException e) {
            // Nobody reads any more.
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] piece = new byte[8 << 10];
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            to.write(piece, 0, count);
            to.flush();
        }
    }

    private static String status(int code) {
        return code == 0
                ? "{\"metadata\":{},\"status\":\"Success\"}"
                : "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with non-zero exit code: exit"
                        + " status " + code + "\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":"
                        + "\"ExitCode\",\"message\":\"" + code + "\"}]}}";
    }

    private static void portForward(TestBackend.Call call) throws IOException {
        call.write(SPDY.formatted("portforward.k8s.io"));
        Map<String, SpdyPeer.Stream> errors = new ConcurrentHashMap<>();
        new SpdyPeer(call.in(), call.out()).serve(stream -> {
            if (stream.type().equals("error")) {
                errors.put(stream.requestId(), stream);
            } else {
                Thread.ofVirtual().start(() -> forward(stream, Objects.requireNonNull(errors.get(stream.requestId()))));
            }
        });
    }

    private static void forward(SpdyPeer.Stream data, SpdyPeer.Stream error) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(data.port()))) {
            Thread.ofVirtual().start(() -> {
                try {
                    copy(data.in(), socket.getOutputStream());
                    socket.shutdownOutput();
                } catch (IOException e) {
                    // Closed.
                }
            });
            copy(socket.getInputStream(), data.out());
            data.out().close();
            error.out().close();
        } catch (IOException e) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        backend.close();
    }
}
