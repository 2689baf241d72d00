package io.keelson.apiserver.http.websocket;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket after its handshake, the server's side (RFC 6455). One thread receives; any may send. Pings are answered, and
 * a close is returned, by {@link #receive}, so somebody must be in it.
 */
public final class WebSocket {
    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    static final int NOT_UTF8 = 1007;
    static final int TOO_LARGE = 1009;
    public static final int INTERNAL_ERROR = 1011;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int LENGTH_IN_16_BITS = 126;
    private static final int LENGTH_IN_64_BITS = 127;
    private static final int MASK_BYTES = 4;

    private final InputStream in;
    private final OutputStream out;
    private final int messageBytesMax;
    private final ReentrantLock sending = new ReentrantLock();
    private boolean closeSent;
    private boolean closeReceived;

    /**
     * A message.
     *
     * @param text whether it is text, in UTF-8, or else any bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over, not compared.
    public record Message(boolean text, byte[] data) {}

    /** @param length of the data that follows */
    private record Frame(boolean last, int opcode, long length, byte[] mask) {
        boolean control() {
            return opcode >= CLOSE;
        }
    }

    /** @param messageBytesMax of a message that is received */
    public WebSocket(InputStream in, OutputStream out, int messageBytesMax) {
        this.in = in;
        this.out = out;
        this.messageBytesMax = messageBytesMax;
    }

    /**
     * Waits for a message.
     *
     * @return null once the client has closed
     * @throws WebSocketException if the client does not keep to the protocol
     * @throws IOException if the connection ends without a close
     */
    public @Nullable Message receive() throws IOException {
        ByteArrayOutputStream begun = new ByteArrayOutputStream(0);
        boolean within = false;
        boolean text = false;
        while (!closeReceived) {
            Frame frame = frame();
            if (frame.control()) {
                control(frame, data(frame));
                continue;
            }
            boolean continues = frame.opcode() == CONTINUATION;
            if (continues != within) {
                throw new WebSocketException(PROTOCOL_ERROR, "a message within a message, or the end of none");
            }
            if (frame.length() > messageBytesMax - begun.size()) {
                throw new WebSocketException(TOO_LARGE, "a message is larger than " + messageBytesMax + " bytes");
            }
            byte[] data = data(frame);
            if (!continues) {
                text = frame.opcode() == TEXT;
                if (frame.last()) {
                    return message(text, data);
                }
                within = true;
            }
            begun.writeBytes(data);
            if (frame.last()) {
                return message(text, begun.toByteArray());
            }
        }
        return null;
    }

    private static Message message(boolean text, byte[] data) throws WebSocketException {
        if (text && !isUtf8(data, 0)) {
            throw new WebSocketException(NOT_UTF8, "a text is not in UTF-8");
        }
        return new Message(text, data);
    }

    private static boolean isUtf8(byte[] data, int offset) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, offset, data.length - offset));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private Frame frame() throws IOException {
        int first = next();
        int second = next();
        int opcode = first & 0x0f;
        boolean last = (first & FINAL) != 0;
        if ((first & RESERVED) != 0) {
            throw new WebSocketException(PROTOCOL_ERROR, "reserved bits are set");
        }
        if ((second & MASKED) == 0) {
            throw new WebSocketException(PROTOCOL_ERROR, "a frame is not masked");
        }
        if ((opcode > BINARY && opcode < CLOSE) || opcode > PONG) {
            throw new WebSocketException(PROTOCOL_ERROR, "an unknown kind of frame");
        }
        long length = second & 0x7f;
        if (opcode >= CLOSE && (!last || length > CONTROL_BYTES_MAX)) {
            throw new WebSocketException(PROTOCOL_ERROR, "a control frame is in parts, or too long");
        }
        if (length == LENGTH_IN_16_BITS) {
            length = number(2);
            if (length < LENGTH_IN_16_BITS) {
                throw new WebSocketException(PROTOCOL_ERROR, "a length is not in its shortest form");
            }
        } else if (length == LENGTH_IN_64_BITS) {
            length = number(8);
            if (length >= 0 && length <= 0xffff) {
                throw new WebSocketException(PROTOCOL_ERROR, "a length is not in its shortest form");
            }
        }
        if (length < 0) {
            throw new WebSocketException(PROTOCOL_ERROR, "a length is negative");
        }
        return new Frame(last, opcode, length, exactly(MASK_BYTES));
    }

    private byte[] data(Frame frame) throws IOException {
        byte[] data = exactly((int) frame.length());
        byte[] mask = frame.mask();
        for (int i = 0; i < data.length; i++) {
            data[i] ^= mask[i & 3];
        }
        return data;
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the connection ended without a close");
        }
        return next;
    }

    private long number(int bytes) throws IOException {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << 8 | next();
        }
        return number;
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended within a frame");
        }
        return bytes;
    }

    private void control(Frame frame, byte[] data) throws IOException {
        switch (frame.opcode()) {
            case PING -> send(PONG, data, 0, data.length);
            case CLOSE -> {
                checkClose(data);
                closeReceived = true;
                sendClose(data);
            }
            default -> {
                // A pong is nothing to do anything about.
            }
        }
    }

    private static void checkClose(byte[] data) throws WebSocketException {
        if (data.length == 0) {
            return;
        }
        int code = data.length == 1 ? 0 : (data[0] & 0xff) << 8 | (data[1] & 0xff);
        boolean reserved = code == 1004 || code == 1005 || code == 1006;
        boolean known = (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999);
        if (!known) {
            throw new WebSocketException(PROTOCOL_ERROR, "an unknown code in a close");
        }
        if (!isUtf8(data, 2)) {
            throw new WebSocketException(NOT_UTF8, "the reason of a close is not in UTF-8");
        }
    }

    /** Sends a message of any bytes. Waits while the client does not read. */
    public void sendBinary(byte[] data, int offset, int length) throws IOException {
        send(BINARY, data, offset, length);
    }

    public void sendBinary(byte[] data) throws IOException {
        send(BINARY, data, 0, data.length);
    }

    public void sendText(String text) throws IOException {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        send(TEXT, data, 0, data.length);
    }

    /** @param utf8 a text */
    public void sendText(byte[] utf8) throws IOException {
        send(TEXT, utf8, 0, utf8.length);
    }

    /** Sends a ping, so that whatever is between here and the client sees that the connection is in use. */
    public void ping() throws IOException {
        send(PING, new byte[0], 0, 0);
    }

    /**
     * Says that nothing more will be sent, and why. Without effect after the first time.
     *
     * @param reason cut to what fits into a frame
     */
    public void close(int code, String reason) throws IOException {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, CONTROL_BYTES_MAX - 2);
        while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
            length--; // Not within a character.
        }
        byte[] data = new byte[2 + length];
        data[0] = (byte) (code >> 8);
        data[1] = (byte) code;
        System.arraycopy(text, 0, data, 2, length);
        sendClose(data);
    }

    private void sendClose(byte[] data) throws IOException {
        sending.lock();
        try {
            if (!closeSent) {
                write(CLOSE, data, 0, data.length);
                closeSent = true;
            }
        } finally {
            sending.unlock();
        }
    }

    private void send(int opcode, byte[] data, int offset, int length) throws IOException {
        sending.lock();
        try {
            if (closeSent) {
                if (opcode == PONG) {
                    return; // It does not matter any more.
                }
                throw new IOException("the socket was closed");
            }
            write(opcode, data, offset, length);
        } finally {
            sending.unlock();
        }
    }

    private void write(int opcode, byte[] data, int offset, int length) throws IOException {
        byte[] header = new byte[10];
        int size = 2;
        header[0] = (byte) (FINAL | opcode);
        if (length <= CONTROL_BYTES_MAX) {
            header[1] = (byte) length;
        } else if (length <= 0xffff) {
            header[1] = LENGTH_IN_16_BITS;
            header[2] = (byte) (length >> 8);
            header[3] = (byte) length;
            size = 4;
        } else {
            header[1] = LENGTH_IN_64_BITS;
            for (int i = 0; i < 4; i++) {
                header[6 + i] = (byte) (length >> (24 - 8 * i));
            }
            size = 10;
        }
        out.write(Arrays.copyOf(header, size));
        out.write(data, offset, length);
        out.flush();
    }
}
