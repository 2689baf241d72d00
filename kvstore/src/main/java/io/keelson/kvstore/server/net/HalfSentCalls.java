package io.keelson.kvstore.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what one connection has sent of gRPC calls that are not complete. A call of one message is complete when
 * its client has ended it, for until then gRPC keeps the message; a call of many is so between messages, as far as its
 * service asks for them.
 *
 * <p>Almost every call comes whole, as headers and one frame of data that ends it, and leaves no trace here: the headers of
 * the call opened last are weighed only once another is opened before the first has sent anything. Event loop of the
 * connection only.
 */
final class HalfSentCalls {
    /** What is to be done with a frame of data. */
    enum Verdict {
        /** gRPC gets it. */
        PASS,
        /** gRPC gets a copy of its own, because it will keep it for a while. */
        PASS_COPY,
        /** The call was given up: nobody wants it. */
        DROP
    }

    /** For one header, besides its characters. */
    private static final int HEADER_BYTES = 64;

    /** Less than this is not looked at when its service does not take it. */
    private static final int UNTAKEN_BYTES_MIN = 16 << 10;

    private final Http2ConnectionHandler connection;
    private final HalfSentRequests halfSent;
    private final Set<String> streamingPaths;
    private final IntObjectMap<Call> calls = new IntObjectHashMap<>();
    private int openedLast;
    private @Nullable Http2Headers headersOfLast;

    /**
     * A call of which something is kept.
     *
     * @param streaming whether it takes any number of messages
     * @param untakenBytes what is kept of it only because its service does not ask for it; 0 if it is not complete
     */
    private record Call(boolean streaming, CallProgress progress, HalfSentRequests.Request account, int untakenBytes) {}

    HalfSentCalls(Http2ConnectionHandler connection, HalfSentRequests halfSent, Set<String> streamingPaths) {
        this.connection = connection;
        this.halfSent = halfSent;
        this.streamingPaths = streamingPaths;
    }

    /** Headers of a call: its first, or its last. */
    void headers(ChannelHandlerContext context, int streamId, Http2Headers headers, boolean end) {
        if (end) {
            closed(streamId);
            return;
        }
        weighLast(context);
        openedLast = streamId;
        headersOfLast = headers;
    }

    private void weighLast(ChannelHandlerContext context) {
        Http2Headers headers = headersOfLast;
        if (headers != null) {
            headersOfLast = null;
            // The map first: weighing it may be what gives it up.
            Call call = new Call(streaming(headers), new CallProgress(), account(context, openedLast), 0);
            calls.put(openedLast, call);
            call.account().headers(bytesOf(headers));
        }
    }

    /** A stream that is open and has no headers here has sent whole messages before, so it takes more than one. */
    private boolean streaming(@Nullable Http2Headers headers) {
        return headers == null || streamingPaths.contains(String.valueOf(headers.path()));
    }

    private HalfSentRequests.Request account(ChannelHandlerContext context, int streamId) {
        return halfSent.begin(
                context.channel().remoteAddress(), () -> context.executor().execute(() -> reset(context, streamId)));
    }

    private void reset(ChannelHandlerContext context, int streamId) {
        // Clients read this code as RESOURCE_EXHAUSTED.
        connection.onError(
                context,
                true,
                Http2Exception.streamError(
                        streamId, Http2Error.ENHANCE_YOUR_CALM, "a request that is not complete was given up"));
    }

    /** What headers take. */
    static long bytesOf(Http2Headers headers) {
        long bytes = 0;
        for (Map.Entry<CharSequence, CharSequence> header : headers) {
            bytes += HEADER_BYTES + header.getKey().length() + header.getValue().length();
        }
        return bytes;
    }

    /** Data of a call has come; says what is to become of it. */
    Verdict data(ChannelHandlerContext context, int streamId, ByteBuf data, boolean end) {
        Call call = calls.get(streamId);
        Http2Headers headers = null;
        if (streamId == openedLast) {
            headers = headersOfLast;
            headersOfLast = null;
        }
        if (end) {
            return call == null || ended(streamId, call) ? Verdict.PASS : Verdict.DROP;
        }
        int untaken = 0;
        if (call != null && call.untakenBytes() > 0) {
            untaken = call.untakenBytes();
            call.account().release();
            calls.remove(streamId);
            call = null;
        }
        if (call != null && call.account().givenUp()) {
            return Verdict.DROP;
        }
        boolean streaming = call == null ? streaming(headers) : call.streaming();
        CallProgress progress = call == null ? new CallProgress() : call.progress();
        int part = progress.follow(data);
        if (streaming && progress.ended()) {
            if (call != null && !ended(streamId, call)) {
                return Verdict.DROP;
            }
            if (part == 0) {
                return Verdict.PASS;
            }
            call = null;
            headers = null;
        }
        if (call == null) {
            call = new Call(streaming, progress, account(context, streamId), 0);
            calls.put(streamId, call);
            if (headers != null) {
                call.account().headers(bytesOf(headers));
            }
        }
        call.account().part((streaming ? part : data.readableBytes()) + untaken + HalfSentRequests.PIECE_BYTES);
        return Verdict.PASS_COPY;
    }

    /** A message, or the request, is whole; whether it is to be carried out. */
    private boolean ended(int streamId, Call call) {
        if (call.untakenBytes() == 0 && !call.account().whole()) {
            return false;
        }
        call.account().release();
        calls.remove(streamId);
        return true;
    }

    /** gRPC has got whole messages. It keeps what their service has not asked for. */
    void passed(ChannelHandlerContext context, int streamId) {
        Http2Stream stream = connection.connection().stream(streamId);
        int bytes = stream == null ? 0 : untaken(stream);
        if (stream == null || bytes < UNTAKEN_BYTES_MIN) {
            return;
        }
        HalfSentRequests.Request account = halfSent.begin(
                context.channel().remoteAddress(),
                () -> context.executor().execute(() -> {
                    // It may have been taken meanwhile, without a word to here.
                    if (untaken(stream) >= UNTAKEN_BYTES_MIN) {
                        reset(context, streamId);
                    }
                }));
        calls.put(streamId, new Call(true, new CallProgress(), account, bytes));
        account.untaken(bytes);
    }

    private int untaken(Http2Stream stream) {
        return connection.connection().local().flowController().unconsumedBytes(stream);
    }

    /** A stream is no more. */
    void closed(int streamId) {
        if (streamId == openedLast) {
            headersOfLast = null;
        }
        Call call = calls.remove(streamId);
        if (call != null) {
            call.account().release();
        }
    }
}
