package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A request of HTTP/2 and its answer. */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Http2Exchange extends Exchange {
    /** The first names that were sent, in lower case: nearly all there ever are. */
    private static final Map<String, String> LOWER_CASE = new ConcurrentHashMap<>();

    private static final int LOWER_CASE_MAX = 256;

    private final Channel stream;
    private final RequestHead head;
    private final Peer peer;
    private final IncomingBody body;
    private boolean headWritten;
    private boolean bodyEnded;
    private boolean finished;

    Http2Exchange(Channel stream, RequestHead head, Peer peer, HttpLimits limits) {
        this.stream = stream;
        this.head = head;
        this.peer = peer;
        long declared = head.hasBody() ? head.contentLength() : 0;
        this.body = new IncomingBody(declared, limits.bodyTimeout(), this::sendContinue, this::readOn);
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
        return stream;
    }

    @Override
    InetSocketAddress remote() {
        return peer.address();
    }

    @Override
    List<X509Certificate> clientCertificates() {
        return peer.certificates();
    }

    /** In the event loop. */
    void bodyEnds() {
        bodyEnded = true;
        body.end();
    }

    /** Whether the answer is complete, so that the end of the stream is no surprise; in the event loop. */
    boolean isFinished() {
        return finished;
    }

    private void readOn() {
        inLoop(() -> stream.config().setAutoRead(true));
    }

    @Override
    void askToLeave() {
        inLoop(() -> stream.parent().pipeline().fireUserEventTriggered(Serving.LEAVE));
    }

    @Override
    void endConnection() {
        askToLeave();
    }

    @Override
    void sendContinue() {
        if (head.expectsContinue()) {
            inLoop(() -> {
                if (!headWritten) {
                    stream.writeAndFlush(
                            new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).status("100"), false));
                }
            });
        }
    }

    @Override
    protected ChannelFuture writeHead(ResponseHead response, boolean end) {
        headWritten = true;
        Http2Headers fields = new DefaultHttp2Headers(false, response.fields().size() + 1);
        fields.status(Integer.toString(response.status()));
        for (ResponseHead.Field field : response.fields()) {
            fields.add(lowerCase(field.name()), FieldBytes.encode(field.value()));
        }
        return stream.write(new DefaultHttp2HeadersFrame(fields, end));
    }

    private static String lowerCase(String name) {
        String lower = LOWER_CASE.get(name);
        if (lower == null) {
            lower = name.toLowerCase(Locale.ROOT);
            if (LOWER_CASE.size() < LOWER_CASE_MAX) {
                LOWER_CASE.put(name, lower);
            }
        }
        return lower;
    }

    @Override
    protected ChannelFuture writeData(ByteBuf data, boolean end) {
        return stream.write(new DefaultHttp2DataFrame(data, end));
    }

    @Override
    protected void finish(@Nullable ChannelFuture end) {
        finished = true;
        ChannelFuture last =
                end != null ? end : stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        if (!bodyEnded) {
            // The client need not send the rest of what nobody reads (RFC 9113, 8.1).
            body.discard();
            stream.config().setAutoRead(true);
            last.addListener(_ -> stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
        }
    }

    @Override
    protected void breakOff() {
        finished = true;
        stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    }

    @Override
    void disconnect() {
        // Not through the codec, which would wait for the streams.
        inLoop(() -> stream.parent().unsafe().close(stream.parent().voidPromise()));
    }

    @Override
    @Nullable
    IncomingBody upgrade(ResponseHead response) {
        return null;
    }

    @Override
    void endOutput() {
        throw new IllegalStateException("HTTP/2 has no upgrades");
    }
}
