package io.keelson.apiserver.http;

import io.keelson.apiserver.request.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stream of HTTP/2: makes a request of its frames. Runs in the event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Http2Stream extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Http2Stream.class);

    private final Http2Connection connection;
    private @Nullable Http2Exchange exchange;

    Http2Stream(Http2Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        try {
            switch (frame) {
                case Http2HeadersFrame headers when exchange == null -> begin(ctx, headers);
                case Http2HeadersFrame trailers -> {
                    if (exchange != null && trailers.isEndStream()) {
                        exchange.bodyEnds();
                    }
                }
                case Http2DataFrame data -> data(ctx, data);
                default -> log.debug("Passed over a frame: {}", frame);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void begin(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        Http2Exchange begun = new Http2Exchange(ctx.channel(), head(frame), connection.peer(), connection.limits());
        exchange = begun;
        if (frame.isEndStream()) {
            begun.bodyEnds();
        }
        if (!connection.start(begun)) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
        }
    }

    private void data(ChannelHandlerContext ctx, Http2DataFrame frame) {
        if (exchange == null) {
            return;
        }
        ByteBuf content = frame.content();
        if (content.isReadable()) {
            byte[] bytes = new byte[content.readableBytes()];
            content.readBytes(bytes);
            exchange.body().add(bytes);
        }
        if (frame.isEndStream()) {
            exchange.bodyEnds();
        } else if (exchange.body().full()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private static RequestHead head(Http2HeadersFrame frame) {
        Http2Headers received = frame.headers();
        Map<String, List<String>> fields = new LinkedHashMap<>();
        received.forEach(field -> {
            if (field.getKey().length() > 0 && field.getKey().charAt(0) != ':') {
                fields.computeIfAbsent(field.getKey().toString(), _ -> new ArrayList<>(1))
                        .add(text(field.getValue()));
            }
        });
        if (received.authority() != null) {
            fields.put("host", List.of(text(received.authority())));
        }
        long length = frame.isEndStream() ? 0 : length(fields.getOrDefault("content-length", List.of()));
        boolean expects = fields.getOrDefault("expect", List.of()).stream()
                .anyMatch(value -> value.toLowerCase(Locale.ROOT).equals("100-continue"));
        return new RequestHead(
                text(received.method()),
                text(received.path()),
                new Headers(fields),
                true,
                length,
                !frame.isEndStream() && length < 0,
                expects && !frame.isEndStream(),
                false);
    }

    /** The codec has made sure that it is a number, and that as many bytes come. */
    private static long length(List<String> values) {
        try {
            return values.isEmpty() ? -1 : Long.parseLong(values.getFirst());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static String text(@Nullable CharSequence value) {
        return value == null ? "" : FieldBytes.decode(value);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame && exchange != null) {
            exchange.clientGone();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (exchange != null && !exchange.isFinished()) {
            exchange.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("A stream failed", cause);
        if (exchange != null) {
            exchange.clientGone();
        }
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            ctx.close(); // Else the codec resets it, and says why.
        }
    }
}
