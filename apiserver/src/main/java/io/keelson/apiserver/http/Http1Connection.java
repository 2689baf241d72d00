package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP/1.1. One request at a time: bytes of the next one are kept, up to a bound, and looked at
 * when the last one has been answered and the client has taken the answer. Everything here runs in the connection's event
 * loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Http1Connection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Http1Connection.class);

    /** Bytes of requests to come that are kept while one is under way. */
    private static final int AHEAD_BYTES_MAX = 64 << 10;

    /** A body that nobody wanted is read over if it is no longer than this; else the connection is closed. */
    private static final long UNWANTED_BYTES_MAX = 256 << 10;

    private static final long UNWANTED_MILLIS_MAX = 5_000;
    private static final long LINGER_MILLIS = 500;

    private enum Phase {
        /** No request is under way: the next head is read. */
        HEAD,
        /** A request is under way, and not all of its body is there. */
        BODY,
        /** A request is under way, and all of it is there. */
        ANSWER,
        /** The answer was sent, and the rest of the body is read over. */
        UNWANTED,
        /** No longer HTTP: bytes in both directions. */
        RAW,
        /** Nothing more is sent; what comes is dropped, so that the client gets to read what was sent before. */
        LINGER
    }

    private final Serving serving;
    private final RequestHeadParser parser;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Peer peer;
    private @Nullable Future<?> ticks;
    private Phase phase = Phase.HEAD;
    private ByteBuf waiting = Unpooled.EMPTY_BUFFER;
    private BodyFraming framing = new BodyFraming.Length(0);
    private @Nullable Http1Exchange exchange;
    private @Nullable IncomingBody raw;
    private boolean started;
    private boolean draining;
    private boolean inputEnded;
    private long phaseSince = System.nanoTime();
    private long headSince;
    private long unwantedBytes;

    Http1Connection(Serving serving) {
        this.serving = serving;
        this.parser = new RequestHeadParser(serving.limits());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        peer = Peer.of(ctx.channel());
        draining = serving.connections().draining();
        long tick = serving.tickMillis();
        ticks = ctx.executor().scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (ticks != null) {
            ticks.cancel(false);
        }
        waiting.release();
        waiting = Unpooled.EMPTY_BUFFER;
    }

    Channel channel() {
        return context().channel();
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes) || phase == Phase.LINGER) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (!waiting.isReadable()) {
            waiting.release();
            waiting = bytes;
        } else {
            try {
                waiting = joined(ctx, bytes);
            } finally {
                bytes.release();
            }
        }
        advance();
    }

    /** What waits, and these bytes behind it; grows by doubling, so that many small pieces cost no more than few. */
    private ByteBuf joined(ChannelHandlerContext ctx, ByteBuf bytes) {
        int size = waiting.readableBytes() + bytes.readableBytes();
        if (waiting.refCnt() == 1 && !waiting.isReadOnly() && waiting.maxWritableBytes() >= bytes.readableBytes()) {
            waiting.discardSomeReadBytes();
            return waiting.writeBytes(bytes);
        }
        ByteBuf all = ctx.alloc().buffer(Math.max(256, size * 2));
        all.writeBytes(waiting).writeBytes(bytes);
        waiting.release();
        return all;
    }

    /** Goes as far as the bytes that are there and the state of things allow. */
    private void advance() {
        try {
            boolean more = true;
            while (more) {
                more = switch (phase) {
                    case HEAD -> readHead();
                    case BODY -> readBody();
                    case UNWANTED -> readUnwanted();
                    case RAW -> readRaw();
                    case ANSWER, LINGER -> false;
                };
            }
            startOnce();
            setReading(wantsMore());
        } catch (MalformedRequestException e) {
            refuse(e);
        }
    }

    private boolean wantsMore() {
        return switch (phase) {
            case HEAD -> channel().isWritable();
            case BODY -> exchange == null || !exchange.body().full();
            case ANSWER -> waiting.readableBytes() < AHEAD_BYTES_MAX;
            case RAW -> raw == null || !raw.full();
            case UNWANTED, LINGER -> true;
        };
    }

    private boolean readHead() throws MalformedRequestException {
        if (!channel().isWritable()) {
            return false; // The client has answers to read first.
        }
        if (draining) {
            close();
            return false;
        }
        boolean begun = parser.begun(waiting);
        if (begun && headSince == 0) {
            headSince = System.nanoTime();
        }
        RequestHead head = parser.parse(waiting);
        if (head == null) {
            return false;
        }
        headSince = 0;
        framing = BodyFraming.of(head);
        exchange = new Http1Exchange(this, head, Objects.requireNonNull(peer), serving.limits());
        started = false;
        enter(Phase.BODY);
        return true;
    }

    private boolean readBody() throws MalformedRequestException {
        IncomingBody body = Objects.requireNonNull(exchange).body();
        byte[] piece = framing.next(waiting);
        if (piece != null) {
            body.add(piece);
            return !body.full();
        }
        if (!framing.done()) {
            if (inputEnded) {
                body.fail(new IOException("the client sends no more"));
            }
            return false;
        }
        body.end();
        enter(Phase.ANSWER);
        return true;
    }

    private boolean readUnwanted() throws MalformedRequestException {
        byte[] piece = framing.next(waiting);
        if (piece != null) {
            unwantedBytes += piece.length;
            if (unwantedBytes > UNWANTED_BYTES_MAX) {
                linger();
            }
            return phase == Phase.UNWANTED;
        }
        if (!framing.done()) {
            return false;
        }
        enter(Phase.HEAD);
        return true;
    }

    private boolean readRaw() {
        IncomingBody in = Objects.requireNonNull(raw);
        if (!waiting.isReadable()) {
            if (inputEnded) {
                in.end();
            }
            return false;
        }
        if (in.full()) {
            return false;
        }
        byte[] bytes = new byte[Math.min(waiting.readableBytes(), AHEAD_BYTES_MAX)];
        waiting.readBytes(bytes);
        in.add(bytes);
        return true;
    }

    private void startOnce() {
        if (exchange != null && !started) {
            started = true;
            serving.runner().start(exchange, () -> {});
        }
    }

    private void enter(Phase next) {
        phase = next;
        phaseSince = System.nanoTime();
    }

    private void setReading(boolean reading) {
        if (channel().config().isAutoRead() != reading) {
            channel().config().setAutoRead(reading);
        }
    }

    /** A reader has room again. */
    void goOn() {
        if (!context().isRemoved()) {
            advance();
        }
    }

    /** Whether the answer under way is the connection's last one; it then says so. */
    boolean closesAfter(Http1Exchange answered) {
        boolean rest = phase == Phase.BODY && !readableOver(answered);
        return !answered.head().keepAlive() || draining || inputEnded || rest;
    }

    private boolean readableOver(Http1Exchange answered) {
        boolean asksFirst = answered.head().expectsContinue() && !answered.continued();
        return !asksFirst && framing.remaining() <= UNWANTED_BYTES_MAX;
    }

    /** The answer was written. */
    void answered(Http1Exchange answered, boolean last) {
        if (exchange != answered || phase == Phase.LINGER) {
            return;
        }
        exchange = null;
        if (phase == Phase.RAW) {
            // A client that answers a goodbye with its own must not find the door shut: it would take all for broken.
            if (inputEnded) {
                close();
            } else {
                linger();
            }
        } else if (last) {
            if (phase == Phase.ANSWER && !waiting.isReadable()) {
                close();
            } else {
                linger();
            }
        } else if (phase == Phase.BODY) {
            answered.body().discard();
            unwantedBytes = 0;
            enter(Phase.UNWANTED);
            advance();
        } else {
            enter(Phase.HEAD);
            if (inputEnded) {
                close();
            } else {
                advance();
            }
        }
    }

    /** From now on bytes are passed on as they are. */
    IncomingBody becomeRaw(IncomingBody in) {
        raw = in;
        if (!channel().isActive()) {
            in.fail(new IOException("the connection is closed"));
        }
        enter(Phase.RAW);
        advance();
        return in;
    }

    /** Sends nothing more; the client may. */
    void endOutput() {
        SslHandler tls = context().pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else if (channel() instanceof DuplexChannel duplex) {
            channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> duplex.shutdownOutput());
        }
    }

    /** Closes when what was written is sent. */
    void close() {
        enter(Phase.LINGER);
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Closes, but lets the client read what was sent: closing a socket while unread bytes lie in it makes the operating
     * system throw away what the client has not read yet.
     */
    private void linger() {
        enter(Phase.LINGER);
        endOutput();
        setReading(true);
        context().executor().schedule(() -> context().close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void refuse(MalformedRequestException why) {
        log.debug("Refused a request from {}: {}", peer, why.message());
        Http1Exchange underWay = exchange;
        if (underWay != null) {
            underWay.body().fail(new IOException(why.message()));
            startOnce();
            draining = true;
            if (phase == Phase.BODY) {
                // Nobody knows where the next request begins. The handler learns of it, and its answer is the last one.
                underWay.lastOne();
                setReading(false);
            }
            return;
        }
        if (phase == Phase.UNWANTED) {
            linger();
            return;
        }
        HttpResponseStatus status = HttpResponseStatus.valueOf(why.status());
        String text = status + (status.code() == 400 ? ": " + why.message() : "");
        String answer = "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
                + "Content-Length: " + text.length() + "\r\n\r\n" + text;
        channel().writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
        linger();
    }

    private void tick() {
        long now = System.nanoTime();
        HttpLimits limits = serving.limits();
        boolean late = switch (phase) {
            case HEAD ->
                headSince != 0
                        ? now - headSince > limits.headerTimeout().toNanos()
                        : now - phaseSince > limits.idleTimeout().toNanos();
            case UNWANTED -> now - phaseSince > TimeUnit.MILLISECONDS.toNanos(UNWANTED_MILLIS_MAX);
            case LINGER -> now - phaseSince > limits.idleTimeout().toNanos();
            case BODY, ANSWER, RAW -> false;
        };
        if (late) {
            context().close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (phase == Phase.HEAD && ctx.channel().isWritable()) {
            advance();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event.equals(Serving.DRAIN)) {
            draining = true;
            if (phase == Phase.HEAD && headSince == 0) {
                close();
            }
        } else if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            inputEnds();
        }
    }

    /** The client sends nothing more. If it only waits for a whole answer, it still gets that. */
    private void inputEnds() {
        inputEnded = true;
        switch (phase) {
            case HEAD, UNWANTED, LINGER -> context().close();
            case BODY, ANSWER -> {
                Objects.requireNonNull(exchange).clientLeaves();
                advance(); // What came before may still lie here.
            }
            case RAW -> advance();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (raw != null) {
            raw.fail(new IOException("the connection is closed"));
        }
        if (exchange != null) {
            exchange.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("A connection from {} failed", peer, cause);
        ctx.close();
    }
}
