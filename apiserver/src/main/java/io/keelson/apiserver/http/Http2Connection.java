package io.keelson.apiserver.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP/2. Each stream is a channel of its own ({@link Http2Stream}); what concerns the connection
 * as a whole is here: its limits, its end, and how many requests run for it. A client that opens streams and resets them
 * at once has no more running for it than one that waits for its answers, because a request counts until its thread ends.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Http2Connection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Http2Connection.class);

    /** What a client may send on one stream before somebody reads it. */
    private static final int STREAM_WINDOW_BYTES = 65_535;

    private static final int RESETS_WINDOW_SECONDS = 30;
    private static final int QUEUED_CONTROL_FRAMES_MAX = 10_000;
    private static final int DATA_FRAME_BYTES = 16 << 10;

    /** How long a connection that its client is to leave stays open with nothing under way. */
    private static final Duration LEAVING_TIME = Duration.ofSeconds(1);

    private final Serving serving;
    private final Http2FrameCodec codec;
    private final AtomicInteger running = new AtomicInteger();
    private @Nullable Peer peer;
    private @Nullable Future<?> ticks;
    private long idleSince = System.nanoTime();
    private boolean leaving;

    private Http2Connection(Serving serving, Http2FrameCodec codec) {
        this.serving = serving;
        this.codec = codec;
    }

    /** Makes the rest of a pipeline speak HTTP/2. */
    static void configure(ChannelPipeline pipeline, Serving serving) {
        HttpLimits limits = serving.limits();
        Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(new Http2Settings()
                        .maxConcurrentStreams(limits.streamsMax())
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxFrameSize(DATA_FRAME_BYTES)
                        .maxHeaderListSize(limits.headerBytesMax()))
                .validateHeaders(true)
                .gracefulShutdownTimeoutMillis(-1)
                .decoderEnforceMaxRstFramesPerWindow(limits.resetsMax(), RESETS_WINDOW_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(limits.resetsMax(), RESETS_WINDOW_SECONDS)
                .encoderEnforceMaxQueuedControlFrames(QUEUED_CONTROL_FRAMES_MAX)
                .build();
        Http2Connection connection = new Http2Connection(serving, codec);
        pipeline.addLast(
                codec,
                new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new Http2Stream(connection));
                    }
                }),
                connection);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
        peer = Peer.of(ctx.channel());
        widenWindow(ctx);
        long tick = serving.tickMillis();
        ticks = ctx.executor().scheduleWithFixedDelay(() -> tick(ctx), tick, tick, TimeUnit.MILLISECONDS);
        if (serving.connections().draining()) {
            ctx.close();
        }
    }

    /** The connection's window holds the windows of all streams, so that a body that nobody reads holds up no other. */
    private void widenWindow(ChannelHandlerContext ctx) throws Http2Exception {
        int all = STREAM_WINDOW_BYTES * Math.max(1, serving.limits().streamsMax());
        codec.connection()
                .local()
                .flowController()
                .incrementWindowSize(codec.connection().connectionStream(), all - STREAM_WINDOW_BYTES);
        ctx.flush();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (ticks != null) {
            ticks.cancel(false);
        }
    }

    Peer peer() {
        Peer known = peer;
        if (known == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return known;
    }

    HttpLimits limits() {
        return serving.limits();
    }

    /** Runs a request, unless as many as there may be run for this connection. */
    boolean start(Exchange exchange) {
        if (running.incrementAndGet() > serving.limits().streamsMax()) {
            running.decrementAndGet();
            return false;
        }
        serving.runner().start(exchange, running::decrementAndGet);
        return true;
    }

    private void tick(ChannelHandlerContext ctx) {
        if (codec.connection().numActiveStreams() > 0) {
            idleSince = System.nanoTime();
        } else if (System.nanoTime() - idleSince
                > (leaving ? LEAVING_TIME : serving.limits().idleTimeout()).toNanos()) {
            ctx.close();
        }
    }

    /**
     * Says GOAWAY, and closes only when nothing has been under way for a while: a client that asks something at this moment
     * must get to read that it will not be answered here, and not find the connection reset.
     */
    private void leave(ChannelHandlerContext ctx) {
        if (!leaving) {
            leaving = true;
            idleSince = System.nanoTime();
            ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event.equals(Serving.DRAIN)) {
            ctx.close(); // Says GOAWAY first, and waits for the streams that there are.
        } else if (event.equals(Serving.LEAVE)) {
            leave(ctx);
        } else if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            // Who closes half of it wants nothing more, unlike with HTTP/1.1; not through the codec, which would wait
            // for
            // the streams.
            ctx.channel().unsafe().close(ctx.channel().voidPromise());
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        ReferenceCountUtil.release(frame); // SETTINGS, PING and the like, which the codec has dealt with.
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("A connection from {} failed", peer, cause);
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            ctx.close(); // Else the codec ends it, and says why.
        }
    }
}
