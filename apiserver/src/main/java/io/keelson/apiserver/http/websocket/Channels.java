package io.keelson.apiserver.http.websocket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The channels of a WebSocket. One thread receives; any may send. */
public final class Channels {
    public static final int STDIN = 0;
    public static final int STDOUT = 1;
    public static final int STDERR = 2;
    public static final int ERROR = 3;
    public static final int RESIZE = 4;

    /** In {@link ChannelProtocol#V5}: the message has the number of a channel that is closed. */
    private static final int CLOSED = 255;

    private final WebSocket socket;
    private final ChannelProtocol protocol;

    public Channels(WebSocket socket, ChannelProtocol protocol) {
        this.socket = socket;
        this.protocol = protocol;
    }

    /** What comes from the client. */
    public sealed interface Event {
        /** Data for a channel; empty messages, which some clients begin with, come too. */
        @SuppressWarnings("ArrayRecordComponent") // Handed over, not compared.
        record Data(int channel, byte[] data) implements Event {}

        /** The client will send nothing more on a channel. */
        record Closed(int channel) implements Event {}
    }

    /**
     * Waits for what comes next.
     *
     * @return null once the client has closed the socket
     * @throws WebSocketException if the client does not keep to the protocol
     */
    public @Nullable Event receive() throws IOException {
        WebSocket.Message message = socket.receive();
        if (message == null) {
            return null;
        }
        byte[] bytes = message.data();
        if (bytes.length == 0) {
            throw new WebSocketException(WebSocket.PROTOCOL_ERROR, "a message without a channel");
        }
        if (protocol.base64()) {
            return new Event.Data(digit(bytes[0]), decoded(bytes));
        }
        int channel = bytes[0] & 0xff;
        if (protocol.closes() && channel == CLOSED) {
            if (bytes.length != 2) {
                throw new WebSocketException(WebSocket.PROTOCOL_ERROR, "the end of no channel, or of several");
            }
            return new Event.Closed(bytes[1] & 0xff);
        }
        return new Event.Data(channel, Arrays.copyOfRange(bytes, 1, bytes.length));
    }

    private static int digit(byte value) throws WebSocketException {
        if (value < '0' || value > '9') {
            throw new WebSocketException(WebSocket.PROTOCOL_ERROR, "the number of a channel is no digit");
        }
        return value - '0';
    }

    private static byte[] decoded(byte[] message) throws WebSocketException {
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(message, 1, message.length));
        } catch (IllegalArgumentException e) {
            throw new WebSocketException(WebSocket.PROTOCOL_ERROR, "what a channel carries is no Base64");
        }
    }

    /** Sends data on a channel. Waits while the client does not read. */
    public void send(int channel, byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (protocol.base64()) {
            byte[] part = Arrays.copyOfRange(data, offset, offset + length);
            socket.sendText(
                    (char) ('0' + channel) + new String(Base64.getEncoder().encode(part), StandardCharsets.US_ASCII));
            return;
        }
        byte[] message = new byte[length + 1];
        message[0] = (byte) channel;
        System.arraycopy(data, offset, message, 1, length);
        socket.sendBinary(message);
    }

    /** Tells the client that nothing more comes on a channel, if the protocol can say that. */
    public void end(int channel) throws IOException {
        if (protocol.closes()) {
            socket.sendBinary(new byte[] {(byte) CLOSED, (byte) channel});
        }
    }

    /** A channel as a stream; each write becomes a message, and closing it ends the channel. */
    public OutputStream output(int channel) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (length > 0) {
                    send(channel, bytes, offset, length);
                }
            }

            @Override
            public void close() throws IOException {
                end(channel);
            }
        };
    }
}
