package io.keelson.apiserver.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where the body of a request of HTTP/1.1 ends (RFC 9112, 6 and 7). For one request; one thread. */
sealed interface BodyFraming {
    /** The next bytes of the body; null if there are none to be had at present. */
    byte @Nullable [] next(ByteBuf in) throws MalformedRequestException;

    boolean done();

    /** Bytes that are still to come, at least. */
    long remaining();

    static BodyFraming of(RequestHead head) {
        return head.chunked() ? new Chunks() : new Length(Math.max(0, head.contentLength()));
    }

    /** So many bytes. */
    final class Length implements BodyFraming {
        private long remaining;

        Length(long length) {
            remaining = length;
        }

        @Override
        public byte @Nullable [] next(ByteBuf in) {
            int size = (int) Math.min(remaining, in.readableBytes());
            if (size == 0) {
                return null;
            }
            byte[] bytes = new byte[size];
            in.readBytes(bytes);
            remaining -= size;
            return bytes;
        }

        @Override
        public boolean done() {
            return remaining == 0;
        }

        @Override
        public long remaining() {
            return remaining;
        }
    }

    /**
     * Chunks until an empty one. Extensions of chunks and trailing fields are read over; they have bounds, for all of a
     * body, so that nobody sends a gigabyte of them around a body of nothing.
     */
    final class Chunks implements BodyFraming {
        private static final int LINE_BYTES_MAX = 4_096;
        private static final int OVERHEAD_BYTES_MAX = 64 << 10;
        private static final int SIZE_DIGITS_MAX = 15;

        private enum State {
            SIZE,
            DATA,
            DATA_END,
            TRAILERS,
            DONE
        }

        private State state = State.SIZE;
        private long chunkRemaining;
        private int overheadBytes;

        @Override
        public byte @Nullable [] next(ByteBuf in) throws MalformedRequestException {
            while (true) {
                switch (state) {
                    case SIZE -> {
                        String line = line(in);
                        if (line == null) {
                            return null;
                        }
                        chunkRemaining = size(line);
                        state = chunkRemaining == 0 ? State.TRAILERS : State.DATA;
                    }
                    case DATA -> {
                        int size = (int) Math.min(chunkRemaining, in.readableBytes());
                        if (size == 0) {
                            return null;
                        }
                        byte[] bytes = new byte[size];
                        in.readBytes(bytes);
                        chunkRemaining -= size;
                        if (chunkRemaining == 0) {
                            state = State.DATA_END;
                        }
                        return bytes;
                    }
                    case DATA_END -> {
                        if (in.readableBytes() < 2) {
                            return null;
                        }
                        if (in.readByte() != '\r' || in.readByte() != '\n') {
                            throw MalformedRequestException.badRequest("a chunk does not end in CR LF");
                        }
                        state = State.SIZE;
                    }
                    case TRAILERS -> {
                        String line = line(in);
                        if (line == null) {
                            return null;
                        }
                        overhead(line.length() + 2);
                        if (line.isEmpty()) {
                            state = State.DONE;
                        }
                    }
                    case DONE -> {
                        return null;
                    }
                }
            }
        }

        private long size(String line) throws MalformedRequestException {
            int digits = 0;
            long size = 0;
            while (digits < line.length() && digits <= SIZE_DIGITS_MAX) {
                int digit = line.charAt(digits) < 0x80 ? Character.digit(line.charAt(digits), 16) : -1;
                if (digit < 0) {
                    break;
                }
                size = size << 4 | digit;
                digits++;
            }
            String extension = line.substring(digits).stripLeading();
            if (digits == 0 || digits > SIZE_DIGITS_MAX || !(extension.isEmpty() || extension.startsWith(";"))) {
                throw MalformedRequestException.badRequest("malformed size of a chunk");
            }
            overhead(line.length() - digits);
            return size;
        }

        private void overhead(int bytes) throws MalformedRequestException {
            overheadBytes += bytes;
            if (overheadBytes > OVERHEAD_BYTES_MAX) {
                throw MalformedRequestException.badRequest("too much beside the chunks of the body");
            }
        }

        private @Nullable String line(ByteBuf in) throws MalformedRequestException {
            int newline = in.bytesBefore((byte) '\n');
            if (newline < 0) {
                if (in.readableBytes() > LINE_BYTES_MAX) {
                    throw MalformedRequestException.badRequest("a line between chunks is too long");
                }
                return null;
            }
            if (newline > LINE_BYTES_MAX || newline == 0 || in.getByte(in.readerIndex() + newline - 1) != '\r') {
                throw MalformedRequestException.badRequest("malformed line between chunks");
            }
            byte[] line = new byte[newline - 1];
            in.readBytes(line);
            in.skipBytes(2);
            for (byte value : line) {
                if (value == '\r' || value == 0) {
                    throw MalformedRequestException.badRequest("malformed line between chunks");
                }
            }
            return new String(line, StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean done() {
            return state == State.DONE;
        }

        @Override
        public long remaining() {
            return chunkRemaining;
        }
    }
}
