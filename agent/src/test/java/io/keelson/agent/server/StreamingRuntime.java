package io.keelson.agent.server;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.AttachResponse;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.ExecResponse;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.PortForwardRequest;
import io.keelson.agent.wire.cri.PortForwardResponse;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A runtime that streams on a socket: it takes any other protocol that it is asked for, and says all it hears in
 * capitals.
 */
final class StreamingRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase implements AutoCloseable {
    /** Requests of calls, the last one last. */
    final List<Object> calls = new CopyOnWriteArrayList<>();

    /** Heads of what was asked for on the socket. */
    final List<String> heads = new CopyOnWriteArrayList<>();

    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Server server;
    private final ManagedChannel channel;

    /** Where it streams. */
    volatile String path = "/stream/token?x=1";

    StreamingRuntime() throws IOException {
        String name = "streaming-" + UUID.randomUUID();
        server = InProcessServerBuilder.forName(name).addService(this).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
        Thread.ofVirtual().start(this::accept);
    }

    RuntimeConnection connection() {
        return new RuntimeConnection(channel, channel);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> talk(client));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void talk(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            StringBuilder head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                head.append((char) next);
            }
            heads.add(head.toString());
            if (head.indexOf(" /refused ") >= 0) {
                client.getOutputStream()
                        .write("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno such"
                                .getBytes(StandardCharsets.US_ASCII));
                // It would take more, as servers do that keep connections.
                String more = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII)).readLine();
                heads.add("after the refusal: " + more);
                return;
            }
            client.getOutputStream()
                    .write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] bytes = new byte[1000];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                String heard = new String(bytes, 0, count, StandardCharsets.US_ASCII);
                client.getOutputStream().write(heard.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
            }
            heads.add("end");
        } catch (IOException e) {
            heads.add("end");
        }
    }

    private String url() {
        return "http://127.0.0.1:" + socket.getLocalPort() + path;
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> caller) {
        calls.add(request);
        if (request.getCmdList().contains("unknown")) {
            caller.onError(Status.NOT_FOUND.withDescription("no such container").asRuntimeException());
            return;
        }
        caller.onNext(ExecResponse.newBuilder().setUrl(url()).build());
        caller.onCompleted();
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> caller) {
        calls.add(request);
        caller.onNext(AttachResponse.newBuilder().setUrl(url()).build());
        caller.onCompleted();
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> caller) {
        calls.add(request);
        caller.onNext(PortForwardResponse.newBuilder().setUrl(url()).build());
        caller.onCompleted();
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> caller) {
        calls.add(request);
        boolean fails = request.getCmdList().contains("false");
        caller.onNext(ExecSyncResponse.newBuilder()
                .setExitCode(fails ? 1 : 0)
                .setStdout(ByteString.copyFromUtf8("out"))
                .setStderr(ByteString.copyFromUtf8("err"))
                .build());
        caller.onCompleted();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        channel.shutdownNow();
        server.shutdownNow();
    }
}
