package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports of a pod behind SPDY, {@code portforward.k8s.io}: for each connection the client opens a stream for what is
 * wrong, and one for the data, both with the port and the same request id.
 */
final class SpdyPortForwardSession {
    static final String PROTOCOL = "portforward.k8s.io";

    private static final Logger LOG = LoggerFactory.getLogger(SpdyPortForwardSession.class);
    private static final int CONNECTIONS_MAX = 200;
    private static final byte[] NOTHING = new byte[0];

    private final SpdyConnection client;
    private final ProcessStreams streams;
    private final String sandbox;
    /** Streams for what is wrong that wait for their other, by request id. */
    private final Map<String, Integer> waiting = new HashMap<>();

    private final Map<Integer, ProcessStream> connections = new ConcurrentHashMap<>();

    SpdyPortForwardSession(SpdyConnection client, ProcessStreams streams, String sandbox) {
        this.client = client;
        this.streams = streams;
        this.sandbox = sandbox;
    }

    /** Passes all on until the client goes. */
    void run() throws IOException {
        try {
            SpdyConnection.Event event = client.receive();
            while (event != null) {
                handle(event);
                event = client.receive();
            }
        } finally {
            connections.values().forEach(ProcessStream::close);
        }
    }

    private void handle(SpdyConnection.Event event) throws IOException {
        switch (event) {
            case SpdyConnection.Opened opened -> open(opened);
            case SpdyConnection.Data data -> {
                ProcessStream connection = connections.get(data.stream());
                if (connection != null) {
                    pass(connection, data);
                }
            }
            case SpdyConnection.Reset reset -> {
                ProcessStream connection = connections.remove(reset.stream());
                if (connection != null) {
                    connection.close();
                }
            }
        }
    }

    private static void pass(ProcessStream connection, SpdyConnection.Data data) {
        try {
            connection.write(data.bytes(), 0, data.bytes().length);
            if (data.last()) {
                connection.closeInput();
            }
        } catch (IOException gone) {
            // The pod has closed it, which the other direction tells.
            LOG.trace("a forwarded connection is gone", gone);
        }
    }

    private void open(SpdyConnection.Opened opened) throws IOException {
        boolean error = opened.type().equals("error");
        if ((!error && !opened.type().equals("data"))
                || waiting.size() >= CONNECTIONS_MAX
                || connections.size() >= CONNECTIONS_MAX) {
            client.refuse(opened.stream());
            return;
        }
        Integer other = waiting.get(opened.request());
        if (error || other == null) {
            if (error) {
                waiting.put(opened.request(), opened.stream());
                client.accept(opened.stream());
            } else {
                client.refuse(opened.stream());
            }
            return;
        }
        waiting.remove(opened.request());
        client.accept(opened.stream());
        connect(opened, other);
    }

    private void connect(SpdyConnection.Opened data, int error) throws IOException {
        ProcessStream connection;
        try {
            connection = streams.dial(sandbox, Integer.parseInt(data.port()));
        } catch (IOException | NumberFormatException refusal) {
            String why = "error forwarding port " + data.port() + " to pod " + sandbox + ": " + refusal.getMessage();
            client.send(error, why.getBytes(StandardCharsets.UTF_8), true);
            client.send(data.stream(), NOTHING, true);
            return;
        }
        connections.put(data.stream(), connection);
        Thread.ofVirtual().name("port-output").start(() -> passOutput(connection, data.stream(), error));
    }

    private void passOutput(ProcessStream connection, int data, int error) {
        try (connection) {
            ProcessStream.Piece piece = connection.read();
            while (piece instanceof ProcessStream.Output output) {
                client.send(data, output.bytes(), false);
                piece = connection.read();
            }
            client.send(data, NOTHING, true);
            client.send(error, NOTHING, true);
        } catch (IOException gone) {
            LOG.trace("a forwarded port's client is gone", gone);
        } finally {
            connections.remove(data);
        }
    }
}
