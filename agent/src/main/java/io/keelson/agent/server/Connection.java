package io.keelson.agent.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one connection, one after the other; who sends another one before is cut off. What waits for
 * others happens on a virtual thread, which is interrupted when the client leaves.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int WRITTEN_BYTES = 16 << 10;

    private final NodeAccess access;
    private final Routes routes;
    private final Relay.Settings relays;
    private final ExecutorService workers;

    /** What is being answered; of the event loop alone. */
    private @Nullable Future<?> busy;

    Connection(NodeAccess access, Routes routes, Relay.Settings relays, ExecutorService workers) {
        this.access = access;
        this.routes = routes;
        this.relays = relays;
        this.workers = workers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
        if (busy != null) {
            context.close();
            return;
        }
        boolean keep = HttpUtil.isKeepAlive(message);
        NodeRequest request;
        try {
            if (!message.decoderResult().isSuccess()) {
                throw new IllegalArgumentException("it is no HTTP");
            }
            request = NodeRequest.of(message, certificates(context));
        } catch (IllegalArgumentException e) {
            send(context, Answer.text(400, "400 Bad Request"), false, false);
            return;
        }
        try {
            busy = workers.submit(() -> work(context, request, keep));
        } catch (RejectedExecutionException e) {
            // The server ends.
            context.close();
        }
    }

    private static List<X509Certificate> certificates(ChannelHandlerContext context) {
        List<X509Certificate> chain = new ArrayList<>();
        SslHandler tls = context.pipeline().get(SslHandler.class);
        try {
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate known) {
                    chain.add(known);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            // He shows none.
            return List.of();
        }
        return chain;
    }

    private void work(ChannelHandlerContext context, NodeRequest request, boolean keep) {
        boolean head = request.method().equals("HEAD");
        try {
            Optional<Answer.Plain> refusal = access.refusal(request);
            Answer answer = refusal.isPresent() ? refusal.get() : routes.answer(request);
            switch (answer) {
                case Answer.Plain plain -> send(context, plain, keep, head);
                case Answer.Text text -> stream(context, text, keep);
                case Answer.Upgrade upgrade -> new Relay(relays, context.channel(), request, upgrade.url()).connect();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} /{}: {}", request.method(), String.join("/", request.path()), e.getMessage(), e);
            send(context, Answer.text(500, "Internal Server Error"), false, head);
        }
    }

    private void send(ChannelHandlerContext context, Answer.Plain answer, boolean keep, boolean head) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.type())
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (answer.status() == HttpResponseStatus.TOO_MANY_REQUESTS.code()) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, 60);
        }
        keepAlive(response, keep);
        context.executor().execute(() -> {
            busy = null;
            end(context.writeAndFlush(response), keep);
        });
    }

    private void stream(ChannelHandlerContext context, Answer.Text text, boolean keep) throws IOException {
        try (Answer.Content content = text.content()) {
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                    .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            keepAlive(head, keep);
            context.writeAndFlush(head);
            try {
                content.write(new BufferedOutputStream(new ChunkStream(context), WRITTEN_BYTES));
            } catch (IOException e) {
                // What came is not all, which a client shall not take for all.
                LOG.debug("an answer breaks off: {}", e.toString());
                context.close();
                return;
            } catch (InterruptedException e) {
                context.close();
                return;
            }
            context.executor().execute(() -> {
                busy = null;
                end(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT), keep);
            });
        }
    }

    private static void keepAlive(HttpResponse response, boolean keep) {
        response.headers().set(HttpHeaderNames.CONNECTION, keep ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    }

    private static void end(ChannelFuture written, boolean keep) {
        written.addListener(keep ? ChannelFutureListener.CLOSE_ON_FAILURE : ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // Who waits for a log's next line says nothing for long.
        if (event instanceof IdleStateEvent && busy == null) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Future<?> work = busy;
        if (work != null) {
            work.cancel(true);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("a connection ends: {}", cause.toString());
        context.close();
    }
}
