package io.keelson.agent.embedded.streaming;

import com.google.protobuf.Message;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.PortForwardRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives URLs out, and serves whoever comes with one. */
public final class StreamingServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamingServer.class);
    private static final String STREAM_PROTOCOL = "x-stream-protocol-version";
    private static final int CONNECTIONS_MAX = 1000;
    private static final int HEAD_MILLIS_MAX = 10_000;

    private final ProcessStreams streams;
    private final StreamTokens tokens;
    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /** Listens on a free port of the loopback address. */
    public StreamingServer(ProcessStreams streams, InstantSource time) throws IOException {
        this.streams = streams;
        this.tokens = new StreamTokens(time);
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().name("streaming").start(this::accept);
    }

    /** Where a client may have what this request asks for, once and within a minute. */
    public String url(ExecRequest request) {
        return url("exec", request);
    }

    /** The same for who wants to be attached. */
    public String url(AttachRequest request) {
        return url("attach", request);
    }

    /** The same for ports. */
    public String url(PortForwardRequest request) {
        return url("portforward", request);
    }

    private String url(String kind, Message request) {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/" + kind + "/" + tokens.add(request);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                if (connections.size() >= CONNECTIONS_MAX) {
                    socket.close();
                    continue;
                }
                connections.add(socket);
                Thread.ofVirtual().name("stream").start(() -> serve(socket));
            } catch (IOException failure) {
                if (!listener.isClosed()) {
                    LOG.warn("a stream's connection cannot be taken: {}", failure.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(HEAD_MILLIS_MAX);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            HttpHead head;
            try {
                head = HttpHead.read(in);
            } catch (IOException malformed) {
                refuse(out, "400 Bad Request", String.valueOf(malformed.getMessage()));
                return;
            }
            socket.setSoTimeout(0);
            answer(head, in, out);
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("a stream ended: {}", gone.getMessage());
        } finally {
            connections.remove(socket);
        }
    }

    private void answer(HttpHead head, InputStream in, OutputStream out) throws IOException {
        String path = head.target().split("\\?", 2)[0];
        String[] parts = path.split("/", -1);
        if (parts.length != 3) {
            refuse(out, "404 Not Found", "there is nothing at " + path);
            return;
        }
        boolean spdy = head.wantsSpdy();
        if (!spdy && !head.wantsWebSocket()) {
            refuse(out, "400 Bad Request", "unable to upgrade: this answers WebSocket and SPDY/3.1 only");
            return;
        }
        List<String> offered = head.list(spdy ? STREAM_PROTOCOL : "sec-websocket-protocol");
        String protocol = choose(spdy, parts[1].equals("portforward"), offered);
        if (protocol.isEmpty()) {
            refuse(
                    out,
                    "400 Bad Request",
                    "unable to upgrade: unable to negotiate protocol: client supports " + offered);
            return;
        }
        Message request = tokens.take(parts[2]);
        if (request == null) {
            refuse(out, "404 Not Found", "the token is none, was used, or is older than a minute");
            return;
        }
        out.write(("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                        + (spdy ? spdyHeaders(protocol) : webSocketHeaders(head, protocol)) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        if (spdy) {
            try (SpdyConnection client = new SpdyConnection(in, out)) {
                stream(request, client);
            }
        } else {
            stream(request, new WebSocket(in, out), protocol);
        }
    }

    /** The best that both speak; empty if there is none. */
    private static String choose(boolean spdy, boolean ports, List<String> offered) {
        List<String> spoken = List.of(ChannelSession.V5, ChannelSession.V4);
        if (spdy || ports) {
            spoken = List.of(spdy && ports ? SpdyPortForwardSession.PROTOCOL : ChannelSession.V4);
        }
        return spoken.stream().filter(offered::contains).findFirst().orElse("");
    }

    private static String spdyHeaders(String protocol) {
        return "Upgrade: " + SpdyConnection.PROTOCOL + "\r\nX-Stream-Protocol-Version: " + protocol + "\r\n";
    }

    private static String webSocketHeaders(HttpHead head, String protocol) {
        return "Upgrade: websocket\r\nSec-WebSocket-Accept: " + WebSocket.accept(head.first("sec-websocket-key"))
                + "\r\nSec-WebSocket-Protocol: " + protocol + "\r\n";
    }

    private void stream(Message request, WebSocket socket, String protocol) throws IOException {
        switch (request) {
            case ExecRequest exec -> new ChannelSession(socket, protocol, WantedStreams.of(exec)).run(() -> open(exec));
            case AttachRequest attach ->
                new ChannelSession(socket, protocol, WantedStreams.of(attach)).run(() -> open(attach));
            case PortForwardRequest ports ->
                new PortForwardSession(socket, streams, ports.getPodSandboxId(), ports.getPortList()).run();
            default -> throw unknown(request);
        }
    }

    private void stream(Message request, SpdyConnection client) throws IOException {
        switch (request) {
            case ExecRequest exec -> new SpdyProcessSession(client, WantedStreams.of(exec)).run(() -> open(exec));
            case AttachRequest attach ->
                new SpdyProcessSession(client, WantedStreams.of(attach)).run(() -> open(attach));
            case PortForwardRequest ports -> new SpdyPortForwardSession(client, streams, ports.getPodSandboxId()).run();
            default -> throw unknown(request);
        }
    }

    private ProcessStream open(ExecRequest exec) throws IOException {
        return streams.exec(exec.getContainerId(), exec.getCmdList(), exec.getTty(), exec.getStdin());
    }

    private ProcessStream open(AttachRequest attach) throws IOException {
        return streams.attach(attach.getContainerId());
    }

    private static IllegalStateException unknown(Message request) {
        return new IllegalStateException(
                "no stream for " + request.getDescriptorForType().getFullName());
    }

    private static void refuse(OutputStream out, String status, String why) throws IOException {
        byte[] body = (why + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(("HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                        + body.length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    /** Ends all streams. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException ignored) {
            // Nothing of it is used any more.
        }
    }
}
