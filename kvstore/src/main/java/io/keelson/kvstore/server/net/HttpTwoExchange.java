package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
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
 * One HTTP/2 stream as request and answer. Event loop of the connection only, except for what {@link HttpExchange} offers
 * to any thread.
 */
// A write that fails ends the stream, and that is seen where streams end.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpTwoExchange extends AbstractExchange implements HttpExchange.Pieces {
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");

    /** What waits for the client's window before {@link #write} says that the client does not keep up. */
    private static final int WAITING_BYTES_MAX = 256 * 1024;

    private final Http2ConnectionHandler connection;
    private final ChannelHandlerContext context;
    private final int streamId;
    private final Http2Headers headers;
    private final int bodyBytesMax;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final ScheduledFuture<?> deadline;
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final Queue<Runnable> onReady = new ArrayDeque<>();
    private boolean open = true;

    /** @param context of {@code connection} */
    HttpTwoExchange(
            Http2ConnectionHandler connection,
            ChannelHandlerContext context,
            int streamId,
            String method,
            String path,
            Http2Headers headers,
            HttpLimits limits,
            boolean secure) {
        super(method, path, secure);
        this.connection = connection;
        this.context = context;
        this.streamId = streamId;
        this.headers = headers;
        this.bodyBytesMax = limits.bodyBytesMax();
        this.deadline = context.executor()
                .schedule(
                        () -> refuse(HttpResponseStatus.REQUEST_TIMEOUT),
                        limits.requestTimeoutMs(),
                        TimeUnit.MILLISECONDS);
    }

    /** The stream is no more. */
    void gone() {
        open = false;
        deadline.cancel(false);
        closed();
        ready();
    }

    /** Takes a part of the body; whether the request is still wanted. */
    boolean add(ByteBuf data) {
        if (!open) {
            return false;
        }
        if (body.size() + data.readableBytes() > bodyBytesMax) {
            refuse(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
            return false;
        }
        try {
            data.readBytes(body, data.readableBytes());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory takes every byte", e);
        }
    }

    /** Answers a request that is not complete, and takes nothing more of it. */
    private void refuse(HttpResponseStatus status) {
        if (!open) {
            return;
        }
        open = false;
        deadline.cancel(false);
        connection
                .encoder()
                .writeHeaders(context, streamId, answer(status.code(), Map.of()), 0, true, context.newPromise());
        // Without this, the client would go on sending.
        connection.resetStream(context, streamId, Http2Error.NO_ERROR.code(), context.newPromise());
        connection.flush(context);
    }

    /** The whole request is there. */
    void complete() {
        deadline.cancel(false);
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
        whileOpen(() -> {
            open = false;
            Http2Headers answer = answer(status, given).setInt("content-length", content.length);
            boolean empty = content.length == 0 || method().equals("HEAD");
            connection.encoder().writeHeaders(context, streamId, answer, 0, empty, context.newPromise());
            if (!empty) {
                waitingBytes.addAndGet(content.length);
                writeData(Unpooled.wrappedBuffer(content), true);
            }
        });
    }

    @Override
    public Pieces respondInPieces(int status, Map<String, String> given) {
        whileOpen(() -> connection
                .encoder()
                .writeHeaders(context, streamId, answer(status, given), 0, false, context.newPromise()));
        return this;
    }

    @Override
    public boolean write(byte[] piece) {
        int waiting = waitingBytes.addAndGet(piece.length);
        whileOpen(() -> writeData(Unpooled.wrappedBuffer(piece), false));
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

    @Override
    public void end() {
        whileOpen(() -> {
            open = false;
            writeData(Unpooled.EMPTY_BUFFER, true);
        });
    }

    private void whileOpen(Runnable writes) {
        context.executor().execute(() -> {
            if (open) {
                writes.run();
                // The connection's own flush, for it also sends what waits for room in a window.
                connection.flush(context);
            }
        });
    }

    /** @param data counted in {@link #waitingBytes} already */
    private void writeData(ByteBuf data, boolean last) {
        int bytes = data.readableBytes();
        connection
                .encoder()
                .writeData(context, streamId, data, 0, last, context.newPromise())
                .addListener(_ -> {
                    if (waitingBytes.addAndGet(-bytes) < WAITING_BYTES_MAX) {
                        ready();
                    }
                });
    }

    private void ready() {
        for (Runnable action = onReady.poll(); action != null; action = onReady.poll()) {
            action.run();
        }
    }

    private static Http2Headers answer(int status, Map<String, String> given) {
        Http2Headers answer = new DefaultHttp2Headers().status(Integer.toString(status));
        given.forEach(answer::set);
        return answer;
    }
}
