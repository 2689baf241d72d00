package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stands between gRPC's HTTP/2 decoder and gRPC: streams whose content type is gRPC's pass through, all others are
 * answered here. Of both it is kept account of what has come of requests that are not complete. Event loop of the
 * connection only.
 */
final class HttpTwoDispatch extends Http2FrameListenerDecorator {
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString METHOD = AsciiString.cached(":method");
    private static final AsciiString PATH = AsciiString.cached(":path");

    /** Exchanges at a time on one connection; a further one is refused. */
    private static final int EXCHANGES_MAX = 256;

    private final Http2ConnectionHandler connection;
    private final @Nullable HttpHandler handler;
    private final boolean grpc;
    private final HttpLimits limits;
    private final HalfSentRequests halfSent;
    private final HalfSentCalls calls;
    private final boolean secure;
    private final IntObjectMap<HttpTwoExchange> exchanges = new IntObjectHashMap<>();

    private HttpTwoDispatch(
            Http2ConnectionHandler connection,
            @Nullable HttpHandler handler,
            boolean grpc,
            HttpLimits limits,
            HalfSentRequests halfSent,
            Set<String> streamingPaths,
            boolean secure) {
        super(connection.decoder().frameListener());
        this.connection = connection;
        this.handler = handler;
        this.grpc = grpc;
        this.limits = limits;
        this.halfSent = halfSent;
        this.calls = new HalfSentCalls(connection, halfSent, streamingPaths);
        this.secure = secure;
    }

    /**
     * Puts itself before what now listens to a connection's frames.
     *
     * @param handler what is not gRPC; null if that is not served here, and gRPC is to refuse it
     * @param grpc whether gRPC is served here; if not, its streams too are answered as HTTP
     * @param streamingPaths {@code /SERVICE/METHOD} of the calls that take any number of messages
     */
    static void install(
            Http2ConnectionHandler connection,
            @Nullable HttpHandler handler,
            boolean grpc,
            HttpLimits limits,
            HalfSentRequests halfSent,
            Set<String> streamingPaths,
            boolean secure) {
        HttpTwoDispatch dispatch =
                new HttpTwoDispatch(connection, handler, grpc, limits, halfSent, streamingPaths, secure);
        connection.decoder().frameListener(dispatch);
        // Streams end by both sides' words, by resets of either, by errors, and with their connection.
        connection.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                HttpTwoExchange exchange = dispatch.exchanges.remove(stream.id());
                if (exchange != null) {
                    exchange.gone();
                } else {
                    dispatch.calls.closed(stream.id());
                }
            }
        });
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream)
            throws Http2Exception {
        if (!take(context, streamId, headers, endStream)) {
            super.onHeadersRead(context, streamId, headers, streamDependency, weight, exclusive, padding, endStream);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean endStream)
            throws Http2Exception {
        if (!take(context, streamId, headers, endStream)) {
            super.onHeadersRead(context, streamId, headers, padding, endStream);
        }
    }

    private boolean take(ChannelHandlerContext context, int streamId, Http2Headers headers, boolean endStream)
            throws Http2Exception {
        HttpTwoExchange known = exchanges.get(streamId);
        if (known != null) {
            // Trailers: nothing in them is of use here but that they are the end.
            if (endStream) {
                handle(known);
            }
            return true;
        }
        HttpHandler http = handler;
        if (http == null || (grpc && isGrpc(headers.get(CONTENT_TYPE)))) {
            calls.headers(context, streamId, headers, endStream);
            return false;
        }
        CharSequence method = headers.get(METHOD);
        CharSequence path = headers.get(PATH);
        if (method == null || path == null) {
            return false;
        }
        if (exchanges.size() >= EXCHANGES_MAX) {
            throw Http2Exception.streamError(streamId, Http2Error.REFUSED_STREAM, "too many requests at a time");
        }
        HttpTwoExchange exchange = new HttpTwoExchange(
                connection, context, streamId, method.toString(), path.toString(), headers, limits, halfSent, secure);
        exchanges.put(streamId, exchange);
        if (endStream) {
            handle(exchange);
        }
        return true;
    }

    private static boolean isGrpc(@Nullable CharSequence contentType) {
        return contentType != null
                && contentType.length() >= GRPC.length()
                && AsciiString.regionMatches(contentType, true, 0, GRPC, 0, GRPC.length());
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        HttpTwoExchange exchange = exchanges.get(streamId);
        int processed = data.readableBytes() + padding;
        if (exchange == null) {
            return switch (calls.data(context, streamId, data, endOfStream)) {
                case PASS -> {
                    int taken = super.onDataRead(context, streamId, data, padding, endOfStream);
                    calls.passed(context, streamId);
                    yield taken;
                }
                case PASS_COPY -> {
                    // A few bytes that gRPC keeps would keep all of what was read along with them.
                    ByteBuf copy = data.copy();
                    try {
                        yield super.onDataRead(context, streamId, copy, padding, endOfStream);
                    } finally {
                        copy.release();
                    }
                }
                case DROP -> processed;
            };
        }
        if (exchange.add(data) && endOfStream) {
            handle(exchange);
        }
        return processed;
    }

    private void handle(HttpTwoExchange exchange) {
        HttpHandler http = handler;
        if (http != null && exchange.complete()) {
            http.handle(exchange);
        }
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) throws Http2Exception {
        if (!exchanges.containsKey(streamId)) {
            super.onRstStreamRead(context, streamId, errorCode);
        }
    }
}
