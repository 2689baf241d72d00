package io.keelson.apiserver.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer of a backend (HTTP/1.1) from its bytes: a head within {@link #HEAD_BYTES_MAX}, then the body as it comes.
 * What is held is what one reading from the network brings. One thread.
 */
final class BackendAnswer {
    static final int HEAD_BYTES_MAX = 64 << 10;

    private static final int LINE_BYTES_MAX = 8 << 10;
    private static final int READ_BYTES = 16 << 10;
    private static final int INTERIM_MAX = 16;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final InputStream in;
    private final Decoder parser;
    private final EmbeddedChannel decoder;
    private final byte[] read = new byte[READ_BYTES];
    private final HttpResponse head;
    private boolean ended;
    private boolean complete;
    private boolean leavesConnection;
    private boolean released;

    private static final class Decoder extends HttpResponseDecoder {
        private final boolean headOnly;

        Decoder(boolean headOnly) {
            super(new HttpDecoderConfig()
                    .setMaxInitialLineLength(LINE_BYTES_MAX)
                    .setMaxHeaderSize(HEAD_BYTES_MAX)
                    .setMaxChunkSize(READ_BYTES));
            this.headOnly = headOnly;
        }

        /** Bytes that have come and belong to nothing yet. */
        int unread() {
            return actualReadableBytes();
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return headOnly || super.isContentAlwaysEmpty(message);
        }
    }

    /**
     * Waits for the head.
     *
     * @param headOnly whether the request was for the head alone
     * @throws BackendException if what comes is no answer
     */
    BackendAnswer(InputStream in, boolean headOnly) throws IOException {
        this.in = in;
        this.parser = new Decoder(headOnly);
        this.decoder = new EmbeddedChannel(parser);
        try {
            this.head = readHead();
        } catch (IOException | RuntimeException e) {
            release();
            throw e;
        }
    }

    private HttpResponse readHead() throws IOException {
        for (int interim = 0; interim <= INTERIM_MAX; interim++) {
            if (!(next() instanceof HttpResponse response)) {
                throw new BackendException("EOF");
            }
            int status = response.status().code();
            if (status >= 200 || status == SWITCHING_PROTOCOLS) {
                if (status > 999) {
                    throw new BackendException("malformed HTTP status code \"" + status + "\"");
                }
                return response;
            }
            skipInterim();
        }
        throw new BackendException("too many 1xx informational responses");
    }

    private void skipInterim() throws IOException {
        HttpObject next = next();
        ReferenceCountUtil.release(next);
        if (!(next instanceof LastHttpContent)) {
            throw new BackendException("EOF");
        }
    }

    /** The next thing that the decoder finds; null at the end of the connection. */
    private @Nullable HttpObject next() throws IOException {
        while (true) {
            HttpObject found = decoder.readInbound();
            if (found != null) {
                Throwable wrong = found.decoderResult().cause();
                if (wrong != null) {
                    ReferenceCountUtil.release(found);
                    throw new BackendException("malformed HTTP response: " + wrong.getMessage(), wrong);
                }
                return found;
            }
            if (ended) {
                return null;
            }
            int count = in.read(read);
            if (count < 0) {
                ended = true;
                // Ends a body that lasts until the connection ends.
                decoder.finish();
            } else {
                decoder.writeInbound(Unpooled.copiedBuffer(read, 0, count));
            }
        }
    }

    int status() {
        return head.status().code();
    }

    /** Every value of a header field, in order. */
    List<String> all(String name) {
        return head.headers().getAll(name);
    }

    /** The header fields, names as they were sent first. */
    Map<String, List<String>> fields() {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String name : head.headers().names()) {
            fields.put(name, new ArrayList<>(head.headers().getAll(name)));
        }
        return fields;
    }

    boolean switchesProtocols() {
        return status() == SWITCHING_PROTOCOLS;
    }

    /** The body. A body that breaks off before its end is an {@link IOException}. */
    InputStream body() {
        return new Body();
    }

    /** The bytes of the other protocol, after {@code 101}. */
    InputStream raw() throws IOException {
        ByteArrayOutputStream ahead = new ByteArrayOutputStream();
        Object found = decoder.readInbound();
        while (found != null) {
            if (found instanceof ByteBuf bytes) {
                bytes.readBytes(ahead, bytes.readableBytes());
            }
            ReferenceCountUtil.release(found);
            found = decoder.readInbound();
        }
        release();
        return ahead.size() == 0 ? in : new SequenceInputStream(new ByteArrayInputStream(ahead.toByteArray()), in);
    }

    /**
     * Whether all of it was read, and another one can follow on the same connection. An answer that brought more than
     * itself is not to be trusted with that.
     */
    boolean leavesConnection() {
        return leavesConnection;
    }

    private boolean mayLeaveConnection() {
        return complete
                && !ended
                && HttpUtil.isKeepAlive(head)
                && parser.unread() == 0
                && decoder.inboundMessages().isEmpty();
    }

    /** Gives up what the decoder holds. */
    void release() {
        if (!released) {
            released = true;
            leavesConnection = mayLeaveConnection();
            decoder.finishAndReleaseAll();
        }
    }

    private final class Body extends InputStream {
        private @Nullable ByteBuf piece;
        private boolean last;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            ByteBuf from = piece();
            if (from == null) {
                return -1;
            }
            int count = Math.min(length, from.readableBytes());
            from.readBytes(into, offset, count);
            if (!from.isReadable()) {
                from.release();
                piece = null;
            }
            return count;
        }

        private @Nullable ByteBuf piece() throws IOException {
            while (piece == null && !last) {
                HttpObject next = next();
                if (next == null) {
                    throw new BackendException("unexpected EOF");
                }
                if (next instanceof HttpContent content) {
                    last = content instanceof LastHttpContent;
                    complete = last;
                    piece = content.content();
                    if (!piece.isReadable()) {
                        piece.release();
                        piece = null;
                    }
                }
            }
            return piece;
        }

        @Override
        public void close() {
            if (piece != null) {
                piece.release();
                piece = null;
            }
            last = true;
            release();
        }
    }
}
