package io.keelson.agent.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Hands a client's request on to where the runtime streams and, if another protocol begins there, passes bytes both
 * ways until either side ends. What the client showed in order to be let in stays here. If the runtime refuses, its
 * answer is passed on and nothing more of the client's is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
final class Relay {
    private static final int CONNECT_MILLIS_MAX = 10_000;
    private static final int ANSWER_SECONDS_MAX = 60;
    private static final int REFUSAL_SECONDS_MAX = 2;
    private static final int STATUS_BYTES = "HTTP/1.1 101".length();
    private static final Set<String> LEFT_OUT =
            Set.of("host", "authorization", "content-length", "transfer-encoding", "expect");
    private static final String SWITCHED = " 101";

    private final Settings settings;
    private final Channel client;
    private final NodeRequest request;
    private final URI url;

    /** @param idleMax how long both sides may be silent */
    record Settings(EventLoopGroup loops, Duration idleMax) {}

    Relay(Settings settings, Channel client, NodeRequest request, URI url) {
        this.settings = settings;
        this.client = client;
        this.request = request;
        this.url = url;
    }

    /**
     * Begins.
     *
     * @throws IOException if the runtime is not there where it says it is
     */
    void connect() throws IOException {
        boolean secure = "https".equals(url.getScheme());
        if (url.getHost() == null || (!secure && !"http".equals(url.getScheme()))) {
            throw new IOException("the runtime streams at what is no URL of a server: " + url);
        }
        SslContext tls = secure ? SslContextBuilder.forClient().build() : null;
        int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        ChannelFuture connected = new Bootstrap()
                .group(settings.loops())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS_MAX)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), host, port));
                        }
                    }
                })
                .connect(host, port)
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            throw new IOException("the runtime does not stream at " + url.getAuthority(), connected.cause());
        }
        Channel runtime = connected.channel();
        client.eventLoop().execute(() -> begin(runtime));
    }

    /** On the client's event loop. */
    private void begin(Channel runtime) {
        if (!client.isActive()) {
            runtime.close();
            return;
        }
        client.config().setAutoRead(false);
        client.pipeline().remove("idle");
        client.pipeline().addLast("idle", idle());
        client.pipeline().addLast("relay", new Pipe(runtime));
        client.pipeline().remove("requests");
        client.pipeline().remove("whole");
        client.pipeline().remove(HttpServerCodec.class);
        runtime.pipeline().addLast(new FirstBytes(), new Pipe(client));
        runtime.writeAndFlush(Unpooled.copiedBuffer(head(), StandardCharsets.ISO_8859_1))
                .addListener(written -> {
                    if (written.isSuccess()) {
                        runtime.read();
                    } else {
                        client.close();
                    }
                });
    }

    private IdleStateHandler idle() {
        return new IdleStateHandler(0, 0, settings.idleMax().toMillis(), TimeUnit.MILLISECONDS);
    }

    private String head() {
        String query = url.getRawQuery();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        StringBuilder head = new StringBuilder()
                .append(request.method())
                .append(' ')
                .append(path)
                .append(query == null ? "" : "?" + query)
                .append(" HTTP/1.1\r\nHost: ")
                .append(url.getRawAuthority())
                .append("\r\n");
        request.headers().forEach(header -> {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!LEFT_OUT.contains(name) && !name.startsWith("impersonate-") && !name.startsWith("x-remote-")) {
                head.append(header.getKey())
                        .append(": ")
                        .append(header.getValue())
                        .append("\r\n");
            }
        });
        return head.append("Content-Length: 0\r\n\r\n").toString();
    }

    /** Waits for the beginning of the runtime's answer, which decides whether the client is listened to. */
    private final class FirstBytes extends ChannelInboundHandlerAdapter {
        private ByteBuf first = Unpooled.EMPTY_BUFFER;
        private boolean decided;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.executor()
                    .schedule(
                            () -> {
                                if (!decided) {
                                    context.close();
                                }
                            },
                            ANSWER_SECONDS_MAX,
                            TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            first = Unpooled.wrappedBuffer(first, (ByteBuf) message);
            if (first.readableBytes() < STATUS_BYTES) {
                context.read();
                return;
            }
            decided = true;
            String status = first.toString(first.readerIndex(), STATUS_BYTES, StandardCharsets.ISO_8859_1);
            if (status.endsWith(SWITCHED)) {
                client.read();
            } else {
                // All that a runtime says is short, and it may keep the connection, which nobody is to use again.
                context.executor().schedule(() -> context.close(), REFUSAL_SECONDS_MAX, TimeUnit.SECONDS);
            }
            ByteBuf beginning = first;
            first = Unpooled.EMPTY_BUFFER;
            context.fireChannelRead(beginning);
            context.pipeline().remove(this);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            first.release();
        }
    }

    /** Passes what comes from one side to the other, which has to take it before more is read. */
    private static final class Pipe extends ChannelInboundHandlerAdapter {
        private final Channel other;

        Pipe(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            other.writeAndFlush(message).addListener(written -> {
                if (written.isSuccess()) {
                    context.read();
                } else {
                    context.close();
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // What was passed on before comes first.
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
