package io.keelson.kvstore.hostile;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A TCP connection on which anything can be said, with words for what HTTP/2 and gRPC are made of. */
public final class RawConnection implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int ACK = 1;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final long ANSWER_TIMEOUT_NANOS = 20_000_000_000L;
    private static final int FRAME_HEADER_BYTES = 9;

    private final Socket socket;
    /** What is closed: it, or what it lies upon. */
    private final Socket lowest;

    private final OutputStream out;
    private final Map<Integer, Integer> resets = new HashMap<>();
    private byte[] unread = {};
    private int pongs;

    RawConnection(Target target) throws IOException {
        socket = new Socket();
        lowest = socket;
        try {
            socket.setTcpNoDelay(true);
            // Closing resets the connection, so that ten thousand of them do not linger in the tables of the system.
            socket.setSoLinger(true, 0);
            socket.connect(new InetSocketAddress(target.host(), target.port()), CONNECT_TIMEOUT_MS);
            out = socket.getOutputStream();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * A connection that is there already.
     *
     * @param spoken what is written to and read from
     * @param lowest what it lies upon, or the same; closed without a word of what lies upon it, however much of what was
     *     sent the other side has not taken
     */
    public RawConnection(Socket spoken, Socket lowest) throws IOException {
        this.socket = spoken;
        this.lowest = lowest;
        this.out = spoken.getOutputStream();
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Opens HTTP/2 as a client does, with settings of which each takes six bytes. */
    public void preface(byte[] settings) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(PREFACE);
        bytes.writeBytes(frame(SETTINGS, 0, 0, settings));
        send(bytes.toByteArray());
    }

    /** A setting that lets the server send nothing on any stream. */
    static byte[] noWindow() {
        return ByteBuffer.allocate(6).putShort((short) 4).putInt(0).array();
    }

    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** The headers of a gRPC call, uncompressed. */
    static byte[] callHeaders(String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        literal(block, ":path", path);
        literal(block, ":authority", "localhost");
        literal(block, "content-type", "application/grpc");
        literal(block, "te", "trailers");
        return block.toByteArray();
    }

    /** A header in full, which is not added to the table; name and value shorter than 127 bytes. */
    static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        block.write(name.length());
        block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    /** A gRPC message with its prefix of five bytes. */
    static byte[] message(byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) 0)
                .putInt(body.length)
                .put(body)
                .array();
    }

    /** Opens a call and sends one message, without ending the request. */
    void call(int stream, String path, byte[] body) throws IOException {
        send(frame(HEADERS, END_HEADERS, stream, callHeaders(path)));
        send(frame(DATA, 0, stream, message(body)));
    }

    /**
     * Takes what comes within a time.
     *
     * @throws IOException if the other side closes meanwhile
     */
    public void awaitPatience(int timeMs) throws IOException {
        long deadline = System.nanoTime() + timeMs * 1_000_000L;
        do {
            if (drain(Math.max(1, timeMs / 4))) {
                throw new EOFException("the other side has closed");
            }
        } while (System.nanoTime() < deadline);
    }

    /** Takes what has come, or comes within a time; whether the other side has closed. */
    private boolean drain(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[16 * 1024];
        try {
            do {
                if (in.read(buffer) < 0) {
                    return true;
                }
            } while (in.available() > 0);
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** Takes the frames that come within a time; the streams that were reset so far, with the codes. */
    Map<Integer, Integer> resets(int timeoutMs) throws IOException {
        socket.setSoTimeout(Math.max(1, timeoutMs));
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 * 1024];
        try {
            do {
                int count = in.read(buffer);
                if (count < 0) {
                    throw new EOFException("the other side has closed");
                }
                ByteBuffer all = ByteBuffer.allocate(unread.length + count)
                        .put(unread)
                        .put(buffer, 0, count)
                        .flip();
                takeFrames(all);
                unread = new byte[all.remaining()];
                all.get(unread);
            } while (in.available() > 0);
        } catch (SocketTimeoutException e) {
            // Nothing more has come.
        }
        return Map.copyOf(resets);
    }

    /** Waits until the other side has taken all that was sent: it answers a ping in its turn. */
    void awaitTaken() throws IOException {
        int before = pongs;
        long deadline = System.nanoTime() + ANSWER_TIMEOUT_NANOS;
        send(frame(PING, 0, 0, new byte[8]));
        while (pongs == before) {
            if (System.nanoTime() > deadline) {
                throw new IOException("a ping was not answered");
            }
            resets(50);
        }
    }

    private void takeFrames(ByteBuffer all) {
        while (all.remaining() >= FRAME_HEADER_BYTES) {
            int at = all.position();
            int length = all.getInt(at) >>> 8;
            if (all.remaining() < FRAME_HEADER_BYTES + length) {
                return;
            }
            if (all.get(at + 3) == RST_STREAM) {
                resets.put(all.getInt(at + 5), all.getInt(at + FRAME_HEADER_BYTES));
            } else if (all.get(at + 3) == PING && (all.get(at + 4) & ACK) != 0) {
                pongs++;
            }
            all.position(at + FRAME_HEADER_BYTES + length);
        }
    }

    /** Waits until the other side closes; false if it does not within a time. */
    public boolean closedWithin(int timeoutMs) throws IOException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000L;
        try {
            while (System.nanoTime() < deadline) {
                if (drain(100)) {
                    return true;
                }
            }
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Says that nothing more will come, and goes on listening. */
    public void endOutput() throws IOException {
        lowest.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        lowest.close();
    }
}
