package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process behind SPDY, with the streams of {@code v4.channel.k8s.io}: the client opens one for each, then it begins.
 */
final class SpdyProcessSession {
    private static final Logger LOG = LoggerFactory.getLogger(SpdyProcessSession.class);
    private static final int NONE = -1;
    private static final byte[] NOTHING = new byte[0];

    private final SpdyConnection client;
    private final WantedStreams wanted;
    private final Map<String, Integer> streams = new HashMap<>();

    SpdyProcessSession(SpdyConnection client, WantedStreams wanted) {
        this.client = client;
        this.wanted = wanted;
    }

    /** Passes all on until the process ends, or the client goes. */
    void run(ProcessOpening opening) throws IOException {
        if (!openStreams()) {
            return;
        }
        byte[] status;
        try (ProcessStream process = opening.open()) {
            Thread.ofVirtual().name("stream-input").start(() -> passInput(process));
            status = passOutput(process);
        } catch (IOException | RuntimeException failure) {
            status = ExitStatus.failure(String.valueOf(failure.getMessage()));
        }
        for (String type : List.of("stdout", "stderr")) {
            if (stream(type) != NONE) {
                client.send(stream(type), NOTHING, true);
            }
        }
        client.send(stream("error"), status, true);
    }

    /** Whether the client has opened all that it asked for. */
    private boolean openStreams() throws IOException {
        int expected = 1
                + (wanted.input() ? 1 : 0)
                + (wanted.output() ? 1 : 0)
                + (wanted.error() ? 1 : 0)
                + (wanted.terminal() ? 1 : 0);
        while (streams.size() < expected) {
            SpdyConnection.Event event = client.receive();
            if (event == null) {
                return false;
            }
            if (!(event instanceof SpdyConnection.Opened opened)) {
                continue;
            }
            boolean known = switch (opened.type()) {
                case "error" -> true;
                case "stdin" -> wanted.input();
                case "stdout" -> wanted.output();
                case "stderr" -> wanted.error();
                case "resize" -> wanted.terminal();
                default -> false;
            };
            if (known && streams.putIfAbsent(opened.type(), opened.stream()) == null) {
                client.accept(opened.stream());
            } else {
                client.refuse(opened.stream());
            }
        }
        return true;
    }

    private int stream(String type) {
        return streams.getOrDefault(type, NONE);
    }

    private byte[] passOutput(ProcessStream process) throws IOException {
        ProcessStream.Piece piece = process.read();
        while (piece instanceof ProcessStream.Output output) {
            int stream = stream(output.error() ? "stderr" : "stdout");
            if (stream != NONE) {
                client.send(stream, output.bytes(), false);
            }
            piece = process.read();
        }
        return piece instanceof ProcessStream.Exit exit
                ? ExitStatus.of(exit)
                : ExitStatus.failure("the stream ended early");
    }

    private void passInput(ProcessStream process) {
        try (process) {
            SpdyConnection.Event event = client.receive();
            while (event != null) {
                if (event instanceof SpdyConnection.Data data) {
                    pass(process, data);
                }
                event = client.receive();
            }
        } catch (IOException gone) {
            LOG.trace("a stream's client is gone", gone);
        }
    }

    private void pass(ProcessStream process, SpdyConnection.Data data) throws IOException {
        if (data.stream() == stream("stdin")) {
            process.write(data.bytes(), 0, data.bytes().length);
            if (data.last()) {
                process.closeInput();
            }
        } else if (data.stream() == stream("resize") && data.bytes().length > 0) {
            TerminalSize size = TerminalSize.parse(data.bytes(), 0, data.bytes().length);
            process.resize(size.rows(), size.columns());
        }
    }
}
