package io.keelson.apiserver.http;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends answers: header fields that all of them have, compression, and the three shapes of an answer. */
final class ResponseSender {
    private static final Logger log = LoggerFactory.getLogger(ResponseSender.class);

    /** Whole answers larger than this are compressed for clients that accept it. */
    static final int GZIP_BYTES = 128 << 10;

    /** Whole answers up to this are handed to the event loop in one piece. */
    private static final int ONE_PIECE_BYTES = 64 << 10;

    /** Parts from this size on are sent as they are; smaller ones are cheaper to gather than to send one by one. */
    private static final int WORTH_WRAPPING_BYTES = 4 << 10;

    private static final int RETRY_SECONDS = 1;

    private final InstantSource clock;
    private final UnreadAnswers unread;

    ResponseSender(InstantSource clock, UnreadAnswers unread) {
        this.clock = clock;
        this.unread = unread;
    }

    /** Sends all of an answer; on the thread of the request. */
    void send(Exchange exchange, ApiRequest request, ApiResponse response) {
        switch (response) {
            case ApiResponse.Whole whole -> sendWhole(exchange, request, whole);
            case ApiResponse.Streamed streamed -> sendStreamed(exchange, request, streamed);
            case ApiResponse.Upgraded upgraded -> upgrade(exchange, request, upgraded);
        }
    }

    private ResponseHead head(ApiRequest request, ApiResponse response) {
        ResponseHead head = new ResponseHead(response.status());
        head.add(AuditIds.HEADER, request.auditId());
        Map<String, String> fields = response.headers();
        fields.forEach((name, value) -> {
            boolean ours = name.equalsIgnoreCase(AuditIds.HEADER)
                    || (response instanceof ApiResponse.Whole && name.equalsIgnoreCase("Content-Length"));
            if (!ours && !ResponseHead.ofConnection(name)) {
                // The one field that may be sent several times and must not be joined by commas.
                int valuesMax = name.equalsIgnoreCase("Set-Cookie") ? -1 : 1;
                for (String one : value.split("\n", valuesMax)) {
                    head.add(name, one);
                }
            }
        });
        request.answerHeaders().forEach(head::add);
        if (!head.has("Cache-Control")) {
            head.add("Cache-Control", "no-cache, private");
        }
        for (String warning : WarningFields.of(request.warnings())) {
            head.add("Warning", warning);
        }
        if (!head.has("Date")) {
            head.add("Date", HttpDate.of(clock.instant()));
        }
        return head;
    }

    private void sendWhole(Exchange exchange, ApiRequest request, ApiResponse.Whole whole) {
        ResponseHead head = head(request, whole);
        long size = whole.sizeBytes();
        boolean headOnly = request.method().equals("HEAD");
        boolean compress = size > GZIP_BYTES && !headOnly && acceptsGzip(request) && !head.has("Content-Encoding");
        if (head.bodiless()) {
            exchange.sendWhole(head, Unpooled.EMPTY_BUFFER);
            return;
        }
        if (!headOnly && size > 0) {
            UnreadAnswers.Answer held = admit(exchange, size);
            if (held == null) {
                refuse(exchange, request);
                return;
            }
            exchange.holds(held);
        }
        if (compress) {
            sendCompressed(exchange, head, whole);
            return;
        }
        head.add("Content-Length", Long.toString(size));
        if (headOnly) {
            exchange.sendWhole(head, Unpooled.EMPTY_BUFFER);
        } else if (size <= ONE_PIECE_BYTES) {
            exchange.sendWhole(head, onePiece(exchange, whole, (int) size));
        } else {
            sendLarge(exchange, head, whole);
        }
    }

    private UnreadAnswers.@Nullable Answer admit(Exchange exchange, long size) {
        try {
            return unread.admit(size, exchange::abort, exchange::disconnect);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** What was only read can be asked for again; of a write nobody shall think that it was not done. */
    private void refuse(Exchange exchange, ApiRequest request) {
        if (request.method().equals("GET")) {
            ApiException full =
                    ApiException.tooManyRequests("Too many requests, please try again later.", RETRY_SECONDS);
            sendWhole(exchange, request, StatusWriter.response(full, request));
        } else {
            exchange.abort();
        }
    }

    private static ByteBuf onePiece(Exchange exchange, ApiResponse.Whole whole, int size) {
        if (whole.parts().size() == 1) {
            return Exchange.wrap(whole.parts().getFirst().duplicate());
        }
        ByteBuf all = exchange.channel().alloc().buffer(size);
        for (ByteBuffer part : whole.parts()) {
            all.writeBytes(part.duplicate());
        }
        return all;
    }

    private static void sendLarge(Exchange exchange, ResponseHead head, ApiResponse.Whole whole) {
        exchange.sendHead(head, false);
        AnswerStream out = new AnswerStream(exchange, Long.MAX_VALUE, exchange::sendEnd);
        try {
            for (ByteBuffer part : whole.parts()) {
                if (part.remaining() < WORTH_WRAPPING_BYTES) {
                    write(part, out);
                    continue;
                }
                out.flush();
                for (ByteBuffer rest = part.duplicate(); rest.hasRemaining(); ) {
                    int piece = Math.min(rest.remaining(), ONE_PIECE_BYTES);
                    exchange.awaitRoom();
                    exchange.sendData(Exchange.wrap(rest.slice(rest.position(), piece)));
                    rest.position(rest.position() + piece);
                }
            }
            out.close();
        } catch (IOException e) {
            exchange.abort(); // The client is gone: there is nobody to tell.
        } finally {
            out.release();
        }
    }

    private static void sendCompressed(Exchange exchange, ResponseHead head, ApiResponse.Whole whole) {
        head.add("Content-Encoding", "gzip").add("Vary", "Accept-Encoding");
        exchange.sendHead(head, false);
        AnswerStream out = new AnswerStream(exchange, Long.MAX_VALUE, exchange::sendEnd);
        try (OutputStream gzip = new FastGzip(out)) {
            for (ByteBuffer part : whole.parts()) {
                write(part, gzip);
            }
        } catch (IOException e) {
            exchange.abort(); // The client is gone: there is nobody to tell.
        } finally {
            out.release();
        }
    }

    private static void write(ByteBuffer part, OutputStream out) throws IOException {
        if (part.hasArray()) {
            out.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
        } else {
            byte[] copy = new byte[part.remaining()];
            part.duplicate().get(copy);
            out.write(copy);
        }
    }

    /** With the least work for the processor, which is what limits lists. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 8 << 10);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static boolean acceptsGzip(ApiRequest request) {
        for (String field : request.headers().all("Accept-Encoding")) {
            for (String coding : field.split(",", -1)) {
                if (coding.trim().equals("gzip")) {
                    return true;
                }
            }
        }
        return false;
    }

    private void sendStreamed(Exchange exchange, ApiRequest request, ApiResponse.Streamed streamed) {
        ResponseHead head;
        boolean body;
        long declared;
        try {
            head = head(request, streamed);
            body = !request.method().equals("HEAD") && !head.bodiless();
            declared = body ? declaredBytes(streamed) : 0;
        } catch (RuntimeException e) {
            streamed.abandon();
            throw e;
        }
        if (!body) {
            exchange.sendWhole(head, Unpooled.EMPTY_BUFFER);
            streamed.abandon();
            return;
        }
        exchange.sendHead(head, true);
        AnswerStream out = new AnswerStream(exchange, declared < 0 ? Long.MAX_VALUE : declared, () -> {});
        boolean complete = false;
        try {
            exchange.beginLasting();
            streamed.writer().write(out);
            out.close();
            complete = declared < 0 || out.written() == declared;
        } catch (IOException | InterruptedException e) {
            if (!exchange.isGone()) {
                log.warn("The answer to request {} broke off", request.auditId(), e);
            }
        } catch (RuntimeException e) {
            log.error("The answer to request {} broke off", request.auditId(), e);
        } finally {
            exchange.endLasting();
            out.release();
        }
        if (complete) {
            exchange.sendEnd();
        } else {
            exchange.abort();
        }
    }

    private static long declaredBytes(ApiResponse.Streamed streamed) {
        for (Map.Entry<String, String> field : streamed.headers().entrySet()) {
            if (field.getKey().equalsIgnoreCase("Content-Length")) {
                return Long.parseLong(field.getValue());
            }
        }
        return -1;
    }

    private void upgrade(Exchange exchange, ApiRequest request, ApiResponse.Upgraded upgraded) {
        IncomingBody in;
        try {
            ResponseHead head = head(request, upgraded);
            head.add("Connection", "Upgrade");
            upgraded.headers().forEach((name, value) -> {
                if (name.equalsIgnoreCase("Upgrade")) {
                    head.add("Upgrade", value);
                }
            });
            in = exchange.upgrade(head);
        } catch (RuntimeException e) {
            upgraded.abandon();
            throw e;
        }
        if (in == null) {
            upgraded.abandon();
            ApiException refused = ApiException.badRequest("unable to upgrade: this needs HTTP/1.1");
            sendWhole(exchange, request, StatusWriter.response(refused, request));
            return;
        }
        AnswerStream out = new AnswerStream(exchange, Long.MAX_VALUE, exchange::endOutput);
        try {
            exchange.beginLasting();
            upgraded.conversation().run(in.stream(), out);
            out.flush();
            exchange.endLasting();
            exchange.sendEnd();
        } catch (IOException | InterruptedException e) {
            log.debug("The conversation of request {} broke off", request.auditId(), e);
            exchange.abort();
        } catch (RuntimeException e) {
            log.error("The conversation of request {} failed", request.auditId(), e);
            exchange.abort();
        } finally {
            exchange.endLasting();
            out.release();
        }
    }
}
