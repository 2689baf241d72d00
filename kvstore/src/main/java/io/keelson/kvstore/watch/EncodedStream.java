package io.keelson.kvstore.watch;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A message as the stream of bytes that gRPC asks for. A transport that copies it out as a whole, as Netty's does, gets
 * the shared pieces one by one; only one that reads byte by byte makes it put them together.
 */
final class EncodedStream extends InputStream implements Drainable, KnownLength {
    private @Nullable WatchMessage message;
    private @Nullable ByteArrayInputStream whole;

    EncodedStream(WatchMessage message) {
        this.message = message;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        WatchMessage present = message;
        if (present != null) {
            message = null;
            present.writeTo(target);
            return present.size();
        }
        ByteArrayInputStream rest = whole;
        return rest == null ? 0 : Math.toIntExact(rest.transferTo(target));
    }

    @Override
    public int available() {
        WatchMessage present = message;
        if (present != null) {
            return present.size();
        }
        ByteArrayInputStream rest = whole;
        return rest == null ? 0 : rest.available();
    }

    @Override
    public int read() {
        ByteArrayInputStream bytes = whole();
        return bytes == null ? -1 : bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        ByteArrayInputStream bytes = whole();
        return bytes == null ? (length == 0 ? 0 : -1) : bytes.read(target, offset, length);
    }

    private @Nullable ByteArrayInputStream whole() {
        WatchMessage present = message;
        if (present != null) {
            message = null;
            whole = new ByteArrayInputStream(present.toByteArray());
        }
        return whole;
    }
}
