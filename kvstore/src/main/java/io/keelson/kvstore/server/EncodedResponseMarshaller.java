package io.keelson.kvstore.server;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Iterator;

/** Hands encoded responses to gRPC so that it copies their bytes straight into the buffer that goes to the wire. */
public final class EncodedResponseMarshaller implements Marshaller<EncodedResponse> {
    public static final EncodedResponseMarshaller INSTANCE = new EncodedResponseMarshaller();

    private EncodedResponseMarshaller() {}

    @Override
    public InputStream stream(EncodedResponse value) {
        return new Pieces(value);
    }

    @Override
    public EncodedResponse parse(InputStream stream) {
        try {
            return new EncodedResponse(new byte[0], stream.readAllBytes());
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("cannot read a response")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static final class Pieces extends InputStream implements Drainable, KnownLength {
        private static final byte[] NOTHING = {};

        private byte[] now;
        private byte[] next;
        private final Iterator<byte[]> rest;
        /** Bytes that are not read. */
        private int left;

        private int at;

        Pieces(EncodedResponse response) {
            now = response.head();
            next = response.body();
            rest = response.rest().iterator();
            left = response.sizeBytes();
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int size = left;
            while (left > 0) {
                advance();
                target.write(now, at, now.length - at);
                left -= now.length - at;
                at = now.length;
            }
            return size;
        }

        @Override
        public int available() {
            return left;
        }

        @Override
        public int read() {
            if (left == 0) {
                return -1;
            }
            advance();
            left--;
            return now[at++] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            advance();
            int count = Math.min(length, now.length - at);
            System.arraycopy(now, at, target, offset, count);
            at += count;
            left -= count;
            return count;
        }

        /** Goes to the piece that has the next byte; there is one. */
        private void advance() {
            while (at == now.length) {
                now = next;
                next = rest.hasNext() ? rest.next() : NOTHING;
                at = 0;
            }
        }
    }
}
