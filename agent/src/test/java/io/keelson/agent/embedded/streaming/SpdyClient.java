package io.keelson.agent.embedded.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The client's side of SPDY, for tests; one thread. */
final class SpdyClient implements AutoCloseable {
    private final Socket socket;
    private final EmbeddedChannel codec = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final Map<Integer, StringBuilder> texts = new HashMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private int next = 1;

    SpdyClient(String url, String protocol) throws IOException {
        URI uri = URI.create(url);
        socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(("POST " + uri.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                                + "X-Stream-Protocol-Version: " + protocol + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int letter = in.read();
            if (letter < 0) {
                break;
            }
            head.append((char) letter);
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException(head.toString());
        }
    }

    int open(String type, String port, String request) throws IOException {
        int stream = next;
        next += 2;
        DefaultSpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(stream, 0, (byte) 0);
        var _ = frame.headers().set("streamtype", type).set("port", port).set("requestid", request);
        write(frame);
        return stream;
    }

    void send(int stream, String text, boolean last) throws IOException {
        DefaultSpdyDataFrame frame =
                new DefaultSpdyDataFrame(stream, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        frame.setLast(last);
        write(frame);
    }

    private void write(Object frame) throws IOException {
        var _ = codec.writeOutbound(frame);
        OutputStream out = socket.getOutputStream();
        ByteBuf bytes = codec.readOutbound();
        while (bytes != null) {
            bytes.readBytes(out, bytes.readableBytes());
            bytes.release();
            bytes = codec.readOutbound();
        }
    }

    /** Waits until a text came on a stream. */
    void await(int stream, String text) throws IOException {
        while (!text(stream).contains(text)) {
            receive();
        }
    }

    /** Waits until the other side has ended a stream; returns all that came on it. */
    String awaitEnd(int stream) throws IOException {
        while (!ended.contains(stream)) {
            receive();
        }
        return text(stream);
    }

    private String text(int stream) {
        return texts.getOrDefault(stream, new StringBuilder()).toString();
    }

    private void receive() throws IOException {
        Object frame = codec.readInbound();
        if (frame == null) {
            byte[] piece = new byte[4096];
            int count = socket.getInputStream().read(piece);
            if (count < 0) {
                throw new IOException("the server ended");
            }
            var _ = codec.writeInbound(Unpooled.copiedBuffer(piece, 0, count));
            return;
        }
        try {
            if (frame instanceof SpdySynReplyFrame reply && reply.headers().isEmpty()) {
                // The library sends such a reply without a block of headers; Go's reads on and takes what follows for
                // one.
                throw new IOException("kubectl cannot read a reply without headers");
            }
            if (frame instanceof SpdyDataFrame data) {
                texts.computeIfAbsent(data.streamId(), stream -> new StringBuilder())
                        .append(data.content().toString(StandardCharsets.UTF_8));
                if (data.isLast()) {
                    ended.add(data.streamId());
                }
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        var _ = codec.finishAndReleaseAll();
    }
}
