package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.gateway.HttpHandler;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 connection. Requests are answered one after the other: while one is being answered nothing more is read,
 * so what waits is at most what came in one read.
 *
 * <p>A close that others ask of the channel (a listener that shuts down) is put off until the request under way has its
 * answer. Who cannot wait closes below this handler.
 */
// A write or close that fails ends the connection, and that is seen where connections end.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpOneHandler extends ChannelDuplexHandler {
    private static final Logger log = LoggerFactory.getLogger(HttpOneHandler.class);
    private static final byte[] NOTHING = {};

    private final HttpHandler handler;
    private final HttpLimits limits;
    private final HttpOneIntake intake;
    private final boolean secure;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Exchange active;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean closing;

    /** A whole request whose turn has not come. */
    private record Waiting(FullHttpRequest request, HalfSentRequests.Request account) {
        void drop() {
            request.release();
            account.release();
        }
    }

    /** @param intake stands before the decoder of the same connection */
    HttpOneHandler(HttpHandler handler, HttpLimits limits, HttpOneIntake intake, boolean secure) {
        this.handler = handler;
        this.limits = limits;
        this.intake = intake;
        this.secure = secure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        expect(context, limits.requestTimeoutMs());
    }

    /** Closes the connection unless a whole request is there in time. */
    private void expect(ChannelHandlerContext context, int timeoutMs) {
        deadline = context.executor().schedule(() -> context.close(), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        FullHttpRequest request = (FullHttpRequest) message;
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        HalfSentRequests.Request account = intake.whole(context);
        account.waits();
        waiting.add(new Waiting(request, account));
        context.channel().config().setAutoRead(false);
        if (active == null) {
            next(context);
        }
    }

    private void next(ChannelHandlerContext context) {
        if (closing) {
            active = null;
            context.close();
            return;
        }
        Waiting first = waiting.poll();
        if (first == null) {
            active = null;
            expect(context, limits.idleTimeoutMs());
            context.channel().config().setAutoRead(true);
            return;
        }
        if (!first.account().whole()) {
            // It was given up, and the connection is about to be closed.
            first.drop();
            return;
        }
        FullHttpRequest request = first.request();
        try {
            if (!request.decoderResult().isSuccess()) {
                Exchange exchange = new Exchange(context, request, first.account(), false);
                active = exchange;
                exchange.respond(
                        400, Map.of("content-type", "text/plain"), "400 Bad Request".getBytes(StandardCharsets.UTF_8));
                return;
            }
            Exchange exchange = new Exchange(context, request, first.account(), HttpUtil.isKeepAlive(request));
            active = exchange;
            handler.handle(exchange);
        } finally {
            request.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        waiting.forEach(Waiting::drop);
        waiting.clear();
        if (active != null) {
            active.closed();
        }
        context.fireChannelInactive();
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (active == null) {
            context.close(promise);
            return;
        }
        closing = true;
        context.channel().closeFuture().addListener(_ -> promise.trySuccess());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (active != null && context.channel().isWritable()) {
            active.ready();
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("an HTTP connection from {} failed", context.channel().remoteAddress(), cause);
        context.close();
    }

    /** A request and its answer. */
    private final class Exchange extends AbstractExchange implements HttpExchange.Pieces {
        private final ChannelHandlerContext context;
        private final HttpHeaders requestHeaders;
        private final HalfSentRequests.Request account;
        private final boolean keepAlive;
        private volatile byte[] body;
        private @Nullable Runnable onReady;

        Exchange(
                ChannelHandlerContext context,
                FullHttpRequest request,
                HalfSentRequests.Request account,
                boolean keepAlive) {
            super(request.method().name(), request.uri(), secure);
            this.context = context;
            this.requestHeaders = request.headers();
            this.account = account;
            this.body = ByteBufUtil.getBytes(request.content());
            this.keepAlive = keepAlive;
        }

        @Override
        public @Nullable String header(String name) {
            return requestHeaders.get(name);
        }

        @Override
        public byte[] body() {
            byte[] whole = body;
            taken();
            return whole;
        }

        /** Nothing of the request is needed any more: it was read, or is answered without. */
        private void taken() {
            body = NOTHING;
            account.release();
        }

        @Override
        public void respond(int status, Map<String, String> headers, byte[] content) {
            taken();
            context.executor().execute(() -> {
                DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(status),
                        method().equals("HEAD") ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(content));
                headers.forEach(response.headers()::set);
                response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.length);
                finish(response);
            });
        }

        @Override
        public Pieces respondInPieces(int status, Map<String, String> headers) {
            taken();
            context.executor().execute(() -> {
                HttpResponse response =
                        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
                headers.forEach(response.headers()::set);
                response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
                context.writeAndFlush(response);
                // Reading goes on while pieces are sent: it is how the end of the client is noticed.
                context.channel().config().setAutoRead(true);
            });
            return this;
        }

        @Override
        public boolean write(byte[] piece) {
            context.executor()
                    .execute(() -> context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece))));
            return context.channel().isWritable();
        }

        @Override
        public void onReady(Runnable action) {
            context.executor().execute(() -> {
                if (context.channel().isWritable() || !context.channel().isActive()) {
                    action.run();
                } else {
                    onReady = action;
                }
            });
        }

        private void ready() {
            Runnable action = onReady;
            onReady = null;
            if (action != null) {
                action.run();
            }
        }

        @Override
        public void end() {
            context.executor().execute(() -> finish(LastHttpContent.EMPTY_LAST_CONTENT));
        }

        private void finish(Object last) {
            if ((!keepAlive || closing) && last instanceof HttpResponse response) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            context.writeAndFlush(last).addListener(_ -> {
                closed();
                if (!keepAlive) {
                    context.close();
                } else if (active == this) {
                    next(context);
                }
            });
        }
    }
}
