package io.keelson.apiserver.request;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to a request. The body of one that is not {@link Whole} may hold something, a watch or a connection, that only
 * running it lets go of: so it is always run, even if the client has left before. Who does not send such an answer must
 * {@link #abandon} it.
 */
public sealed interface ApiResponse {
    int status();

    /** Header fields, with the content type among them. Several cookies ({@code Set-Cookie}) are on a line each. */
    Map<String, String> headers();

    /**
     * An answer that is there as a whole. Its parts are sent one behind the other and not copied: a list is the bytes of
     * its objects, which were encoded before.
     */
    record Whole(int status, Map<String, String> headers, List<ByteBuffer> parts) implements ApiResponse {
        public Whole {
            headers = Map.copyOf(headers);
            parts = List.copyOf(parts);
        }

        public long sizeBytes() {
            long size = 0;
            for (ByteBuffer part : parts) {
                size += part.remaining();
            }
            return size;
        }
    }

    /** An answer that is written bit by bit, perhaps for hours: watches, logs, what is passed through. */
    record Streamed(int status, Map<String, String> headers, Writer writer) implements ApiResponse {
        public Streamed {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * A connection that from now on speaks another protocol (101 Switching Protocols); what passes then is bytes in both
     * directions.
     */
    record Upgraded(Map<String, String> headers, Conversation conversation) implements ApiResponse {
        public Upgraded {
            headers = Map.copyOf(headers);
        }

        @Override
        public int status() {
            return 101;
        }
    }

    /** Writes an answer; on a virtual thread. */
    @FunctionalInterface
    interface Writer {
        /**
         * Writes until there is nothing more to write.
         *
         * @param out blocks while the client does not read; {@link OutputStream#flush} sends what was written so far;
         *     fails with an {@link IOException} once the client is gone
         */
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    /** Talks over a connection that was taken over; on a virtual thread, until both directions are done. */
    @FunctionalInterface
    interface Conversation {
        void run(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    static Whole of(int status, String contentType, byte[] body) {
        return new Whole(status, Map.of("Content-Type", contentType), List.of(ByteBuffer.wrap(body)));
    }

    /**
     * For an answer that will not be sent: runs its body on the calling thread, interrupted and with nobody to write to, so
     * that it ends at once and lets go of what it holds. The thread is not interrupted afterwards.
     */
    default void abandon() {
        OutputStream nobody = OutputStream.nullOutputStream();
        Thread.currentThread().interrupt();
        try {
            nobody.close();
            switch (this) {
                case Whole _ -> {}
                case Streamed streamed -> streamed.writer().write(nobody);
                case Upgraded upgraded -> upgraded.conversation().run(InputStream.nullInputStream(), nobody);
            }
        } catch (IOException | InterruptedException e) {
            // This is how it ends.
        } finally {
            var _ = Thread.interrupted();
        }
    }

    /** The same answer with a header more. */
    default ApiResponse withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers());
        more.put(name, value);
        return switch (this) {
            case Whole whole -> new Whole(whole.status(), more, whole.parts());
            case Streamed streamed -> new Streamed(streamed.status(), more, streamed.writer());
            case Upgraded upgraded -> new Upgraded(more, upgraded.conversation());
        };
    }
}
