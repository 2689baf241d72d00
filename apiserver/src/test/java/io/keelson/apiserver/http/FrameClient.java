package io.keelson.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client of HTTP/2 whose frames a test writes and reads itself. */
public final class FrameClient implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int CONTINUATION = 9;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    private static final int READ_TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    /** A frame that came. */
    public record Frame(int type, int flags, int stream, byte[] payload) {
        /** The code of the error that a RST_STREAM or GOAWAY tells. */
        public int code() {
            int at = type == GOAWAY ? 4 : 0;
            return (payload[at] & 0xff) << 24
                    | (payload[at + 1] & 0xff) << 16
                    | (payload[at + 2] & 0xff) << 8
                    | (payload[at + 3] & 0xff);
        }
    }

    /** Begins to speak HTTP/2 over a connection, which is closed with this. */
    public FrameClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(READ_TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0, new byte[0]);
    }

    /** A connection without TLS. */
    static FrameClient to(TestServer server) throws IOException {
        return new FrameClient(new Socket(InetAddress.getLoopbackAddress(), server.front.port()));
    }

    /** A connection over TLS, on which both sides agree on HTTP/2. */
    public static FrameClient to(URI server, SSLContext tls) throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(server.getHost(), server.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        return new FrameClient(socket);
    }

    public void send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(payload.length >> 16);
        frame.write(payload.length >> 8);
        frame.write(payload.length);
        frame.write(type);
        frame.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            frame.write(stream >> shift);
        }
        frame.writeBytes(payload);
        socket.getOutputStream().write(frame.toByteArray());
    }

    public void get(int stream, String path) throws IOException {
        send(HEADERS, END_STREAM | END_HEADERS, stream, head("GET", path));
    }

    /** With a token that says who asks; without one if it is empty. */
    public void get(int stream, String path, String token) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(head("GET", path));
        if (!token.isEmpty()) {
            byte[] value = ("Bearer " + token).getBytes(StandardCharsets.US_ASCII);
            block.write(
                    0x0f); // Not to be remembered, with the name of the 23rd entry of the static table: authorization.
            block.write(0x08);
            block.write(value.length);
            block.writeBytes(value);
        }
        send(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
    }

    /** Begins a request with a body, of which nothing comes yet. */
    public void begin(int stream, String path) throws IOException {
        send(HEADERS, END_HEADERS, stream, head("POST", path));
    }

    void reset(int stream) throws IOException {
        send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
    }

    /** Sends no more, but still reads. */
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    public Frame next() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, payload);
    }

    /** The next frame of a type; those before it are passed over. */
    public Frame next(int type) throws IOException {
        Frame frame = next();
        while (frame.type() != type) {
            frame = next();
        }
        return frame;
    }

    /** A block of header fields (RFC 7541), with names from the static table and values as they are. */
    static byte[] head(String method, String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(method.equals("GET") ? 0x82 : 0x83);
        block.write(0x86);
        block.write(0x04);
        block.write(path.length());
        block.writeBytes(path.getBytes(StandardCharsets.US_ASCII));
        block.write(0x01);
        block.write(1);
        block.write('h');
        return block.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
