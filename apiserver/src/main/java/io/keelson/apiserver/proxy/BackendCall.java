package io.keelson.apiserver.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request to a backend and its answer, over a connection that is its own as long as it lasts. The body of the request is
 * sent by a thread beside the one that reads the answer, since a backend may answer before it has read all. Only a small body
 * of a request that shares its connection with others is sent first: then it is known that the next one can follow.
 */
public final class BackendCall implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BackendCall.class);
    private static final int PIECE_BYTES = 16 << 10;

    /** How long an answer may lie here before somebody begins to pass it on. */
    private static final Duration TAKEN_UP_MAX = Duration.ofSeconds(30);

    private final BackendConnection connection;
    private final BackendAnswer answer;
    private final Deadlines deadlines;
    private final Deadlines.Wait untaken;
    private final Consumer<BackendConnection> leaving;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * How long somebody waits.
     *
     * @param connect for the connection, and again for the handshake of TLS
     * @param head for the head of the answer; zero for as long as the client stays
     * @param gone whether the client has left
     */
    public record Patience(Duration connect, Duration head, BooleanSupplier gone) {}

    /** @param leaving takes the connection if it was left as it was found */
    private BackendCall(
            BackendConnection connection,
            BackendAnswer answer,
            Deadlines deadlines,
            BooleanSupplier gone,
            Consumer<BackendConnection> leaving) {
        this.connection = connection;
        this.answer = answer;
        this.deadlines = deadlines;
        this.leaving = leaving;
        this.untaken = deadlines.watch(TAKEN_UP_MAX, gone, connection::close);
    }

    /**
     * Sends a request, and waits until the head of the answer is there.
     *
     * @param address what the host of the destination stands for; null, behind a proxy only, to have that look it up
     * @throws BackendException if there is none
     */
    public static BackendCall send(
            Backends backends,
            Destination destination,
            @Nullable InetAddress address,
            BackendRequest request,
            Patience patience)
            throws BackendException {
        boolean keeps = request.kept() && request.upgrade().isEmpty();
        Consumer<BackendConnection> leaving =
                keeps ? left -> backends.keep(destination, address, left) : BackendConnection::close;
        if (keeps) {
            // What must not be carried out twice is sent only where it is likely to arrive.
            BackendConnection kept = backends.kept(
                    destination,
                    address,
                    request.repeatable() ? BackendConnection::isQuiet : BackendConnection::isAlive);
            if (kept != null) {
                try {
                    return send(backends, kept, request, patience, leaving);
                } catch (DeadException e) {
                    if (!request.repeatable()) {
                        throw e;
                    }
                    // The backend has closed it meanwhile, and was asked nothing. Over a new one it will hear it.
                }
            }
        }
        return send(backends, backends.connect(destination, address, patience.connect()), request, patience, leaving);
    }

    private static BackendCall send(
            Backends backends,
            BackendConnection connection,
            BackendRequest request,
            Patience patience,
            Consumer<BackendConnection> leaving)
            throws BackendException {
        boolean answered = false;
        try {
            AtomicBoolean sent = new AtomicBoolean(request.body() == null);
            BackendAnswer answer = exchange(backends, connection, request, patience, sent);
            answered = true;
            return new BackendCall(
                    connection,
                    answer,
                    backends.deadlines(),
                    patience.gone(),
                    left -> (sent.get() ? leaving : (Consumer<BackendConnection>) BackendConnection::close)
                            .accept(left));
        } finally {
            if (!answered) {
                connection.close();
            }
        }
    }

    /** The connection ended where an answer was to begin. */
    private static final class DeadException extends BackendException {
        private static final long serialVersionUID = 1L;

        DeadException(Throwable cause) {
            super("EOF", cause);
        }
    }

    private static BackendAnswer exchange(
            Backends backends,
            BackendConnection connection,
            BackendRequest request,
            Patience patience,
            AtomicBoolean sent)
            throws BackendException {
        byte[] head = head(request);
        try (Deadlines.Wait wait = backends.deadlines().watch(patience.head(), patience.gone(), connection::close)) {
            try {
                OutputStream out = connection.output();
                out.write(head);
                out.flush();
                sendBody(request, connection, sent);
                return new BackendAnswer(connection.input(), request.method().equals("HEAD"));
            } catch (IOException e) {
                throw switch (wait.end()) {
                    case TIME_UP -> new BackendException("net/http: timeout awaiting response headers", e);
                    case CLIENT_GONE -> new BackendException("context canceled", e);
                    case NONE ->
                        e instanceof BackendException known && !known.message().equals("EOF")
                                ? known
                                : new DeadException(e);
                };
            }
        }
    }

    private static byte[] head(BackendRequest request) throws BackendException {
        EmbeddedChannel encoder = new EmbeddedChannel(new HttpRequestEncoder());
        try {
            DefaultHttpRequest head = new DefaultHttpRequest(
                    HttpVersion.HTTP_1_1, HttpMethod.valueOf(request.method()), request.target());
            HttpHeaders fields = head.headers();
            fields.set(HttpHeaderNames.HOST, request.host());
            request.fields().forEach(fields::set);
            if (!request.upgrade().isEmpty()) {
                fields.set(HttpHeaderNames.CONNECTION, "Upgrade").set(HttpHeaderNames.UPGRADE, request.upgrade());
            } else if (!request.kept()) {
                fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            boolean mayHaveBody =
                    !request.method().equals("GET") && !request.method().equals("HEAD");
            if (request.body() != null && request.bodyBytes() < 0) {
                fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            } else if (request.body() != null || mayHaveBody) {
                fields.set(HttpHeaderNames.CONTENT_LENGTH, request.body() == null ? 0 : request.bodyBytes());
            }
            encoder.writeOutbound(head);
            ByteBuf bytes = encoder.readOutbound();
            byte[] encoded = new byte[bytes.readableBytes()];
            bytes.readBytes(encoded);
            bytes.release();
            return encoded;
        } catch (IllegalArgumentException e) {
            throw new BackendException("malformed request: " + e.getMessage(), e);
        } finally {
            encoder.finishAndReleaseAll();
        }
    }

    private static void sendBody(BackendRequest request, BackendConnection connection, AtomicBoolean sent) {
        InputStream body = request.body();
        if (body == null) {
            return;
        }
        Runnable sending = () -> {
            try {
                pass(body, connection.output(), request.bodyBytes());
                sent.set(true);
            } catch (IOException e) {
                log.debug("The body of a request did not get through", e);
                // What was sent so far must not be taken for the whole.
                connection.close();
            }
        };
        if (request.kept() && request.bodyBytes() >= 0 && request.bodyBytes() <= PIECE_BYTES) {
            sending.run();
        } else {
            Thread.ofVirtual().name("body to backend").start(sending);
        }
    }

    private static void pass(InputStream body, OutputStream out, long bodyBytes) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        boolean chunks = bodyBytes < 0;
        long left = chunks ? Long.MAX_VALUE : bodyBytes;
        int count = 0;
        while (left > 0 && (count = body.read(piece, 0, (int) Math.min(piece.length, left))) >= 0) {
            if (chunks && count > 0) {
                out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(piece, 0, count);
                out.write('\r');
                out.write('\n');
            } else {
                out.write(piece, 0, count);
            }
            out.flush();
            left -= count;
        }
        if (chunks) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } else if (left > 0) {
            throw new IOException("the client stopped in the middle of the body");
        }
    }

    BackendAnswer answer() {
        return answer;
    }

    /** The status of the answer. */
    public int status() {
        return answer.status();
    }

    /** The first value of a header field of the answer; empty if there is none. */
    public String field(String name) {
        return answer.all(name).isEmpty() ? "" : answer.all(name).getFirst();
    }

    /** The body of the answer; from now on it is the caller's business how long that lasts. */
    public InputStream body() {
        untaken.close();
        return answer.body();
    }

    /**
     * All of the body.
     *
     * @param timeout for all of it
     * @throws BackendException if it has more than so many bytes, or breaks off, or takes longer
     */
    public byte[] bytes(int bytesMax, Duration timeout) throws BackendException {
        return bytes(bytesMax, timeout, () -> false);
    }

    /**
     * All of the body, as long as somebody wants it.
     *
     * @param timeout for all of it; zero for as long as it is wanted
     * @param gone whether nobody wants it any more; asked some times a second
     * @throws BackendException if it has more than so many bytes, or breaks off, or takes longer
     */
    byte[] bytes(int bytesMax, Duration timeout, BooleanSupplier gone) throws BackendException {
        untaken.close();
        try (Deadlines.Wait wait = deadlines.watch(timeout, gone, connection::close);
                InputStream body = answer.body()) {
            try {
                byte[] bytes = body.readNBytes(bytesMax);
                if (bytes.length == bytesMax && body.read() >= 0) {
                    throw new BackendException("the answer has more than " + bytesMax + " bytes");
                }
                return bytes;
            } catch (IOException e) {
                throw wait.end() == Deadlines.End.TIME_UP
                        ? new BackendException("context deadline exceeded while reading body", e)
                        : e instanceof BackendException known ? known : new BackendException("unexpected EOF", e);
            }
        } catch (BackendException e) {
            throw e;
        } catch (IOException e) {
            throw new BackendException("unexpected EOF", e);
        }
    }

    /** As much of the body as there is, up to so many bytes. */
    byte[] beginning(int bytesMax) {
        try (InputStream body = answer.body()) {
            // Within the time that an answer may lie here: a body without an end is cut then.
            return body.readNBytes(bytesMax);
        } catch (IOException e) {
            return new byte[0]; // There is nothing to show.
        }
    }

    /** What the backend sends after {@code 101}. */
    InputStream raw() throws IOException {
        untaken.close();
        return answer.raw();
    }

    /** What is sent to the backend after {@code 101}. */
    OutputStream rawOutput() throws IOException {
        return connection.output();
    }

    /** The connection is closed, or kept for others. */
    @Override
    public void close() {
        untaken.close();
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (answer.leavesConnection()) {
            leaving.accept(connection);
        } else {
            connection.close();
        }
    }
}
