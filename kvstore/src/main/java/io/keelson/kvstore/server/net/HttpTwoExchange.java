package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
    private final HalfSentRequests.Request account;
    private final List<byte[]> body = new ArrayList<>();
    private int bodyBytes;
    private final ScheduledFuture<?> deadline;
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final Queue<Runnable> onReady = new ArrayDeque<>();
    private boolean open = true;
    private boolean handedOn;

    /** @param context of {@code connection} */
    HttpTwoExchange(
            Http2ConnectionHandler connection,
            ChannelHandlerContext context,
            int streamId,
            String method,
            String path,
            Http2Headers headers,
            HttpLimits limits,
            HalfSentRequests halfSent,
            boolean secure) {
        super(method, path, secure);
        this.connection = connection;
        this.context = context;
        this.streamId = streamId;
        this.headers = headers;
        this.bodyBytesMax = limits.bodyBytesMax();
        this.account = halfSent.begin(
                context.channel().remoteAddress(),
                () -> context.executor().execute(() -> refuse(HttpResponseStatus.TOO_MANY_REQUESTS)));
        account.headers(HalfSentCalls.bytesOf(headers));
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
        if (!handedOn) {
            account.release();
        }
        closed();
        ready();
    }

    /** Takes a part of the body; whether the request is still wanted. */
    boolean add(ByteBuf data) {
        if (!open || account.givenUp()) {
            return false;
        }
        int bytes = data.readableBytes();
        if (bodyBytes + bytes > bodyBytesMax) {
            refuse(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
            return false;
        }
        if (bytes > 0) {
            synchronized (body) {
                body.add(ByteBufUtil.getBytes(data));
            }
            bodyBytes += bytes;
            account.part(bytes + HalfSentRequests.PIECE_BYTES);
        }
        return !account.givenUp();
    }

    /** Answers a request that is not complete, and takes nothing more of it. */
    private void refuse(HttpResponseStatus status) {
        if (!open) {
            return;
        }
        open = false;
        deadline.cancel(false);
        taken();
        connection
                .encoder()
                .writeHeaders(context, streamId, answer(status.code(), Map.of()), 0, true, context.newPromise());
        // Without this, the client would go on sending.
        connection.resetStream(context, streamId, Http2Error.NO_ERROR.code(), context.newPromise());
        connection.flush(context);
    }

    /** The whole request is there; whether it is to be carried out. */
    boolean complete() {
        deadline.cancel(false);
        // From here on it counts until it is taken, whether its client stays or not: it may wait in a queue.
        handedOn = open && account.whole();
        return handedOn;
    }

    @Override
    public @Nullable String header(String name) {
        CharSequence value = headers.get(name.equals("host") ? AUTHORITY : AsciiString.of(name));
        return value == null ? null : value.toString();
    }

    @Override
    public byte[] body() {
        synchronized (body) {
            byte[] whole =
                    new byte[body.stream().mapToInt(piece -> piece.length).sum()];
            int at = 0;
            for (byte[] piece : body) {
                System.arraycopy(piece, 0, whole, at, piece.length);
                at += piece.length;
            }
            taken();
            return whole;
        }
    }

    /** Nothing of the request is needed any more: it was read, or is answered without. */
    private void taken() {
        synchronized (body) {
            body.clear();
        }
        account.release();
    }

    @Override
    public void respond(int status, Map<String, String> given, byte[] content) {
        taken();
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
        taken();
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
