package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.gateway.HttpHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between gRPC's HTTP/2 decoder and gRPC: streams whose content type is gRPC's pass through, all others are
 * answered here. Event loop of the connection only, except where said.
 */
// A write or close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpTwoDispatch extends Http2FrameListenerDecorator {
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString METHOD = AsciiString.cached(":method");
    private static final AsciiString PATH = AsciiString.cached(":path");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");

    /** Exchanges at a time on one connection; a further one is refused. */
    private static final int EXCHANGES_MAX = 256;

    private final Http2ConnectionEncoder encoder;
    private final HttpHandler handler;
    private final boolean grpc;
    private final HttpLimits limits;
    private final boolean secure;
    private final IntObjectMap<Exchange> exchanges = new IntObjectHashMap<>();

    HttpTwoDispatch(
            Http2FrameListener listener,
            Http2ConnectionEncoder encoder,
            HttpHandler handler,
            boolean grpc,
            HttpLimits limits,
            boolean secure) {
        super(listener);
        this.encoder = encoder;
        this.handler = handler;
        this.grpc = grpc;
        this.limits = limits;
        this.secure = secure;
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
        Exchange known = exchanges.get(streamId);
        if (known != null) {
            if (endStream) {
                known.complete();
            }
            return true;
        }
        if (grpc && isGrpc(headers.get(CONTENT_TYPE))) {
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
        Exchange exchange = new Exchange(context, streamId, method.toString(), path.toString(), headers, secure);
        exchanges.put(streamId, exchange);
        Http2Stream stream = encoder.connection().stream(streamId);
        if (stream == null) {
            exchanges.remove(streamId);
            return true;
        }
        exchange.watch(stream);
        if (endStream) {
            exchange.complete();
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
        Exchange exchange = exchanges.get(streamId);
        if (exchange == null) {
            return super.onDataRead(context, streamId, data, padding, endOfStream);
        }
        int processed = data.readableBytes() + padding;
        exchange.add(data);
        if (endOfStream) {
            exchange.complete();
        }
        return processed;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) throws Http2Exception {
        Exchange exchange = exchanges.remove(streamId);
        if (exchange == null) {
            super.onRstStreamRead(context, streamId, errorCode);
        } else {
            exchange.gone();
        }
    }

    /** One stream as request and answer. */
    private final class Exchange extends AbstractExchange implements HttpExchange.Pieces {
        /** What waits for the client's window before {@link #write} says that the client does not keep up. */
        private static final int WAITING_BYTES_MAX = 256 * 1024;

        private final ChannelHandlerContext context;
        private final int streamId;
        private final Http2Headers headers;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final AtomicInteger waitingBytes = new AtomicInteger();
        private final Queue<Runnable> onReady = new ArrayDeque<>();
        private boolean complete;
        private boolean open = true;

        Exchange(
                ChannelHandlerContext context,
                int streamId,
                String method,
                String path,
                Http2Headers headers,
                boolean secure) {
            super(method, path, secure);
            this.context = context;
            this.streamId = streamId;
            this.headers = headers;
        }

        /** Ends when the stream does, and does not wait for ever for the request to be complete. */
        void watch(Http2Stream stream) {
            context.channel().closeFuture().addListener(_ -> gone());
            context.executor()
                    .schedule(
                            () -> {
                                if (!complete && open) {
                                    encoder.writeRstStream(
                                            context, streamId, Http2Error.CANCEL.code(), context.newPromise());
                                    context.flush();
                                    gone();
                                }
                            },
                            limits.requestTimeoutMs(),
                            TimeUnit.MILLISECONDS);
            if (stream.state() == Http2Stream.State.CLOSED) {
                gone();
            }
        }

        void gone() {
            open = false;
            exchanges.remove(streamId);
            closed();
            ready();
        }

        void add(ByteBuf data) throws Http2Exception {
            if (body.size() + data.readableBytes() > limits.bodyBytesMax()) {
                gone();
                throw Http2Exception.streamError(streamId, Http2Error.ENHANCE_YOUR_CALM, "the body is too large");
            }
            try {
                data.readBytes(body, data.readableBytes());
            } catch (IOException e) {
                throw new UncheckedIOException("an array in memory takes every byte", e);
            }
        }

        void complete() {
            complete = true;
            handler.handle(this);
        }

        @Override
        public @Nullable String header(String name) {
            CharSequence value = headers.get(name.equals("host") ? AUTHORITY : AsciiString.of(name));
            return value == null ? null : value.toString();
        }

        @Override
        public byte[] body() {
            return body.toByteArray();
        }

        @Override
        public void respond(int status, Map<String, String> given, byte[] content) {
            context.executor().execute(() -> {
                if (!open) {
                    return;
                }
                Http2Headers answer = answer(status, given).setInt("content-length", content.length);
                boolean empty = content.length == 0 || method().equals("HEAD");
                encoder.writeHeaders(context, streamId, answer, 0, empty, context.newPromise());
                if (!empty) {
                    encoder.writeData(
                            context, streamId, Unpooled.wrappedBuffer(content), 0, true, context.newPromise());
                }
                finish();
            });
        }

        private static Http2Headers answer(int status, Map<String, String> given) {
            Http2Headers answer = new DefaultHttp2Headers().status(Integer.toString(status));
            given.forEach(answer::set);
            return answer;
        }

        @Override
        public Pieces respondInPieces(int status, Map<String, String> given) {
            context.executor().execute(() -> {
                if (open) {
                    encoder.writeHeaders(context, streamId, answer(status, given), 0, false, context.newPromise());
                    context.flush();
                }
            });
            return this;
        }

        @Override
        public boolean write(byte[] piece) {
            int waiting = waitingBytes.addAndGet(piece.length);
            context.executor().execute(() -> {
                if (!open) {
                    return;
                }
                encoder.writeData(context, streamId, Unpooled.wrappedBuffer(piece), 0, false, context.newPromise())
                        .addListener(_ -> {
                            if (waitingBytes.addAndGet(-piece.length) < WAITING_BYTES_MAX) {
                                ready();
                            }
                        });
                context.flush();
            });
            return waiting < WAITING_BYTES_MAX;
        }

        @Override
        public void onReady(Runnable action) {
            context.executor().execute(() -> {
                if (!open || waitingBytes.get() < WAITING_BYTES_MAX) {
                    action.run();
                } else {
                    onReady.add(action);
                }
            });
        }

        private void ready() {
            for (Runnable action = onReady.poll(); action != null; action = onReady.poll()) {
                action.run();
            }
        }

        @Override
        public void end() {
            context.executor().execute(() -> {
                if (open) {
                    encoder.writeData(context, streamId, Unpooled.EMPTY_BUFFER, 0, true, context.newPromise());
                    finish();
                }
            });
        }

        private void finish() {
            open = false;
            exchanges.remove(streamId);
            context.flush();
            closed();
        }
    }
}
