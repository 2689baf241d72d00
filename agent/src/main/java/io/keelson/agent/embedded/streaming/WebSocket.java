package io.keelson.agent.embedded.streaming;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The server's side of a WebSocket (RFC 6455) after its handshake. One thread receives, any may send. */
final class WebSocket {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int TOO_BIG = 1009;

    private static final int MESSAGE_BYTES_MAX = 1 << 20;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LAST = 0x80;
    private static final int MASKED = 0x80;

    private final DataInputStream in;
    private final OutputStream out;
    private final ReentrantLock sending = new ReentrantLock();
    private boolean closed;

    WebSocket(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** What is answered to a client's {@code Sec-WebSocket-Key}. */
    static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The next message; null when the client closes.
     *
     * @throws IOException if what comes is no WebSocket, or too large; the client has been told then
     */
    byte @Nullable [] receive() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        boolean begun = false;
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            int second = in.readUnsignedByte();
            int code = first & 0xF;
            boolean control = code >= CLOSE;
            long length = length(second & 0x7F);
            if ((first & 0x70) != 0 || (second & MASKED) == 0 || (control && (length > 125 || first < LAST))) {
                throw refuse(PROTOCOL_ERROR, "a frame is malformed");
            }
            if (length < 0 || length > MESSAGE_BYTES_MAX - message.size()) {
                throw refuse(TOO_BIG, "a message has at most " + MESSAGE_BYTES_MAX + " bytes");
            }
            byte[] payload = payload((int) length);
            switch (code) {
                case CONTINUATION, TEXT, BINARY -> {
                    if (begun == (code != CONTINUATION)) {
                        throw refuse(PROTOCOL_ERROR, "a message goes on that never began");
                    }
                    begun = true;
                    message.writeBytes(payload);
                    if (first >= LAST) {
                        return message.toByteArray();
                    }
                }
                case PING -> frame(PONG, payload, payload.length);
                case PONG -> {
                    // Nobody asked for it; clients may send it to keep the connection.
                }
                case CLOSE -> {
                    close(NORMAL, "");
                    return null;
                }
                default -> throw refuse(PROTOCOL_ERROR, "there is no frame of kind " + code);
            }
        }
    }

    private long length(int shortLength) throws IOException {
        return switch (shortLength) {
            case 126 -> in.readUnsignedShort();
            case 127 -> in.readLong();
            default -> shortLength;
        };
    }

    private byte[] payload(int length) throws IOException {
        byte[] mask = new byte[4];
        in.readFully(mask);
        byte[] payload = new byte[length];
        in.readFully(payload);
        for (int i = 0; i < length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return payload;
    }

    private IOException refuse(int code, String why) throws IOException {
        close(code, why);
        return new IOException(why);
    }

    /** Sends a message; waits while the client takes nothing. */
    void send(byte[] message, int length) throws IOException {
        frame(BINARY, message, length);
    }

    /** Says that no more comes. */
    void close(int code, String why) throws IOException {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + Math.min(text.length, CONTROL_BYTES_MAX - 2)];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, payload.length - 2);
        sending.lock();
        try {
            if (!closed) {
                frame(CLOSE, payload, payload.length);
                closed = true;
            }
        } finally {
            sending.unlock();
        }
    }

    private void frame(int code, byte[] payload, int length) throws IOException {
        byte[] head = length < 126
                ? new byte[] {(byte) (LAST | code), (byte) length}
                : length < 1 << 16
                        ? new byte[] {(byte) (LAST | code), 126, (byte) (length >> 8), (byte) length}
                        : new byte[] {
                            (byte) (LAST | code),
                            127,
                            0,
                            0,
                            0,
                            0,
                            (byte) (length >> 24),
                            (byte) (length >> 16),
                            (byte) (length >> 8),
                            (byte) length
                        };
        sending.lock();
        try {
            if (closed) {
                throw new IOException("the WebSocket is closed");
            }
            out.write(head);
            out.write(payload, 0, length);
            out.flush();
        } finally {
            sending.unlock();
        }
    }
}
