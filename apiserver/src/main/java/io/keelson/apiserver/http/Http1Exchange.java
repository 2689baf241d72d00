package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request of HTTP/1.1 and its answer. */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Http1Exchange extends Exchange {
    private static final ByteBuf CRLF = constant("\r\n");
    private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
    private static final ByteBuf CONTINUE = constant("HTTP/1.1 100 Continue\r\n\r\n");

    /** How the end of the answer is told. */
    private enum Framing {
        NONE,
        LENGTH,
        CHUNKS,
        CLOSE,
        RAW
    }

    private final Http1Connection connection;
    private final RequestHead head;
    private final Peer peer;
    private final IncomingBody body;
    private Framing framing = Framing.NONE;
    private boolean headWritten;
    private boolean continued;
    private boolean last;

    Http1Exchange(Http1Connection connection, RequestHead head, Peer peer, HttpLimits limits) {
        this.connection = connection;
        this.head = head;
        this.peer = peer;
        long declared = head.hasBody() ? head.contentLength() : 0;
        this.body = new IncomingBody(declared, limits.bodyTimeout(), this::sendContinue, this::goOn);
    }

    private void goOn() {
        inLoop(connection::goOn);
    }

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(text.length()).writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    RequestHead head() {
        return head;
    }

    @Override
    IncomingBody body() {
        return body;
    }

    @Override
    Channel channel() {
        return connection.channel();
    }

    @Override
    InetSocketAddress remote() {
        return peer.address();
    }

    @Override
    List<X509Certificate> clientCertificates() {
        return peer.certificates();
    }

    /** Whether the client was told to send the body. */
    boolean continued() {
        return continued;
    }

    /** The connection cannot be used after this; in the event loop. */
    void lastOne() {
        last = true;
    }

    @Override
    void askToLeave() {
        // A client of HTTP/1.1 makes new connections as it goes.
    }

    @Override
    void endConnection() {
        inLoop(this::lastOne);
    }

    @Override
    void sendContinue() {
        if (head.expectsContinue()) {
            inLoop(() -> {
                if (!headWritten) {
                    continued = true;
                    channel().writeAndFlush(CONTINUE.duplicate());
                }
            });
        }
    }

    @Override
    protected ChannelFuture writeHead(ResponseHead response, boolean end) {
        headWritten = true;
        boolean length = response.has("Content-Length");
        framing = end || response.bodiless()
                ? Framing.NONE
                : length ? Framing.LENGTH : head.http10() ? Framing.CLOSE : Framing.CHUNKS;
        last |= framing == Framing.CLOSE || connection.closesAfter(this);

        ByteBuf out = channel().alloc().buffer(512);
        statusAndFields(out, response);
        if (framing == Framing.CHUNKS) {
            out.writeCharSequence("Transfer-Encoding: chunked\r\n", StandardCharsets.US_ASCII);
        } else if (end && !length && !response.bodiless() && !head.method().equals("HEAD")) {
            out.writeCharSequence("Content-Length: 0\r\n", StandardCharsets.US_ASCII);
        }
        if (last) {
            out.writeCharSequence("Connection: close\r\n", StandardCharsets.US_ASCII);
        } else if (head.http10()) {
            out.writeCharSequence("Connection: keep-alive\r\n", StandardCharsets.US_ASCII);
        }
        out.writeBytes(CRLF.duplicate());
        return channel().write(out);
    }

    private static void statusAndFields(ByteBuf out, ResponseHead response) {
        out.writeCharSequence("HTTP/1.1 ", StandardCharsets.US_ASCII);
        ByteBufUtil.writeAscii(
                out, HttpResponseStatus.valueOf(response.status()).toString());
        out.writeBytes(CRLF.duplicate());
        for (ResponseHead.Field field : response.fields()) {
            ByteBufUtil.writeAscii(out, field.name());
            out.writeByte(':').writeByte(' ');
            ByteBufUtil.writeUtf8(out, field.value());
            out.writeBytes(CRLF.duplicate());
        }
    }

    @Override
    protected ChannelFuture writeData(ByteBuf data, boolean end) {
        if (framing == Framing.CHUNKS) {
            ByteBuf size = channel().alloc().buffer(12);
            ByteBufUtil.writeAscii(size, Integer.toHexString(data.readableBytes()));
            size.writeBytes(CRLF.duplicate());
            channel().write(size);
            ChannelFuture written = channel().write(data);
            channel().write(CRLF.duplicate());
            return written;
        }
        return channel().write(data);
    }

    @Override
    protected void finish(@Nullable ChannelFuture end) {
        if (end == null && framing == Framing.CHUNKS) {
            channel().writeAndFlush(LAST_CHUNK.duplicate());
        }
        connection.answered(this, last);
    }

    @Override
    protected void breakOff() {
        channel().close();
    }

    @Override
    void disconnect() {
        inLoop(() -> channel().unsafe().close(channel().voidPromise()));
    }

    @Override
    @Nullable
    IncomingBody upgrade(ResponseHead response) {
        IncomingBody raw = new IncomingBody(-1, Duration.ZERO, () -> {}, this::goOn);
        inLoop(() -> {
            headWritten = true;
            framing = Framing.RAW;
            ByteBuf out = channel().alloc().buffer(512);
            statusAndFields(out, response);
            out.writeBytes(CRLF.duplicate());
            channel().writeAndFlush(out);
            connection.becomeRaw(raw);
        });
        return raw;
    }

    @Override
    void endOutput() {
        inLoop(connection::endOutput);
    }
}
