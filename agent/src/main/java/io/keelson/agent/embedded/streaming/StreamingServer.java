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
        if (!head.wantsWebSocket()) {
            refuse(out, "400 Bad Request", "unable to upgrade: this runtime streams over WebSocket only");
            return;
        }
        List<String> offered = head.list("sec-websocket-protocol");
        String protocol = offered.contains(ChannelSession.V5) && !parts[1].equals("portforward")
                ? ChannelSession.V5
                : ChannelSession.V4;
        if (!offered.contains(protocol)) {
            refuse(out, "400 Bad Request", "unable to upgrade: unable to negotiate protocol: client supports " + offered
                    + ", server supports [" + ChannelSession.V5 + " " + ChannelSession.V4 + "]");
            return;
        }
        Message request = tokens.take(parts[2]);
        if (request == null) {
            refuse(out, "404 Not Found", "the token is none, was used, or is older than a minute");
            return;
        }
        out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + WebSocket.accept(head.first("sec-websocket-key")) + "\r\n"
                        + "Sec-WebSocket-Protocol: " + protocol + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        stream(request, new WebSocket(in, out), protocol);
    }

    private void stream(Message request, WebSocket socket, String protocol) throws IOException {
        switch (request) {
            case ExecRequest exec ->
                new ChannelSession(
                                socket,
                                protocol,
                                new ChannelSession.Wanted(
                                        exec.getStdin(),
                                        exec.getStdout(),
                                        exec.getStderr() && !exec.getTty()))
                        .run(() -> streams.exec(
                                exec.getContainerId(), exec.getCmdList(), exec.getTty(), exec.getStdin()));
            case AttachRequest attach ->
                new ChannelSession(
                                socket,
                                protocol,
                                new ChannelSession.Wanted(
                                        attach.getStdin(),
                                        attach.getStdout(),
                                        attach.getStderr() && !attach.getTty()))
                        .run(() -> streams.attach(attach.getContainerId()));
            case PortForwardRequest ports ->
                new PortForwardSession(socket, streams, ports.getPodSandboxId(), ports.getPortList()).run();
            default -> throw new IllegalStateException("no stream for " + request.getDescriptorForType().getFullName());
        }
    }

    private static void refuse(OutputStream out, String status, String why) throws IOException {
        byte[] body = (why + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(("HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + body.length
                        + "\r\nConnection: close\r\n\r\n")
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
