package io.keelson.kvstore.server;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Hands encoded responses to gRPC so that it copies their bytes straight into the buffer that goes to the wire. */
public final class EncodedResponseMarshaller implements Marshaller<EncodedResponse> {
    public static final EncodedResponseMarshaller INSTANCE = new EncodedResponseMarshaller();

    private EncodedResponseMarshaller() {}

    @Override
    public InputStream stream(EncodedResponse value) {
        return new Pieces(value.head(), value.body());
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
        private byte[] now;
        private byte[] next;
        private int at;

        Pieces(byte[] head, byte[] body) {
            now = head;
            next = body;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int size = available();
            target.write(now, at, now.length - at);
            target.write(next, 0, next.length);
            now = next;
            next = new byte[0];
            at = now.length;
            return size;
        }

        @Override
        public int available() {
            return now.length - at + next.length;
        }

        @Override
        public int read() {
            advance();
            return at < now.length ? now[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            advance();
            if (length == 0) {
                return 0;
            }
            int count = Math.min(length, now.length - at);
            if (count == 0) {
                return -1;
            }
            System.arraycopy(now, at, target, offset, count);
            at += count;
            return count;
        }

        private void advance() {
            if (at == now.length && next.length > 0) {
                now = next;
                next = new byte[0];
                at = 0;
            }
        }
    }
}
