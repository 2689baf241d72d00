package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process behind a WebSocket of {@code v4.channel.k8s.io} or {@code v5.channel.k8s.io}: the first byte of each
 * message names the channel. Only in {@code v5} a client can say that its input ends.
 */
final class ChannelSession {
    static final String V4 = "v4.channel.k8s.io";
    static final String V5 = "v5.channel.k8s.io";

    private static final Logger LOG = LoggerFactory.getLogger(ChannelSession.class);
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;

    private final WebSocket socket;
    private final boolean closes;
    private final WantedStreams wanted;

    ChannelSession(WebSocket socket, String protocol, WantedStreams wanted) {
        this.socket = socket;
        this.closes = protocol.equals(V5);
        this.wanted = wanted;
    }

    /** Passes all on until the process ends, or the client goes. */
    void run(ProcessOpening opening) throws IOException {
        // Some clients begin only when they have heard something.
        send(wanted.output() ? STDOUT : wanted.error() ? STDERR : ERROR, new byte[0]);
        try (ProcessStream process = opening.open()) {
            Thread.ofVirtual().name("stream-input").start(() -> passInput(process));
            passOutput(process);
        } catch (IOException | RuntimeException failure) {
            send(ERROR, ExitStatus.failure(String.valueOf(failure.getMessage())));
        }
        socket.close(WebSocket.NORMAL, "");
    }

    private void passOutput(ProcessStream process) throws IOException {
        ProcessStream.Piece piece = process.read();
        while (piece instanceof ProcessStream.Output output) {
            if (output.error() ? wanted.error() : wanted.output()) {
                send(output.error() ? STDERR : STDOUT, output.bytes());
            }
            piece = process.read();
        }
        send(
                ERROR,
                piece instanceof ProcessStream.Exit exit
                        ? ExitStatus.of(exit)
                        : ExitStatus.failure("the stream ended early"));
    }

    private void passInput(ProcessStream process) {
        // When the client is gone, so is the one for whom the process is read.
        try (process) {
            byte[] message = socket.receive();
            while (message != null) {
                if (message.length > 0) {
                    pass(process, message);
                }
                message = socket.receive();
            }
        } catch (IOException gone) {
            LOG.trace("a stream's client is gone", gone);
        }
    }

    private void pass(ProcessStream process, byte[] message) throws IOException {
        switch (Byte.toUnsignedInt(message[0])) {
            case STDIN -> {
                if (wanted.input()) {
                    process.write(message, 1, message.length - 1);
                }
            }
            case RESIZE -> {
                TerminalSize size = TerminalSize.parse(message, 1, message.length - 1);
                process.resize(size.rows(), size.columns());
            }
            case CLOSE -> {
                if (closes && wanted.input() && message.length == 2 && message[1] == STDIN) {
                    process.closeInput();
                }
            }
            default -> LOG.trace("a client wrote to channel {}", message[0]);
        }
    }

    private void send(int channel, byte[] bytes) throws IOException {
        byte[] message = new byte[bytes.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        socket.send(message, message.length);
    }
}
