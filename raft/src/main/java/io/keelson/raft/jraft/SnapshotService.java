package io.keelson.raft.jraft;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.raft.jraft.SnapshotManifest.Part;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Gives other members this one's snapshots, piece by piece, at a limited rate. It keeps nothing between two requests: a
 * copy can be interrupted at any point and go on from there. All copies under way share the rate.
 *
 * <p>Request for the manifest: index (8 bytes). For a piece: index (8), number of the file in the manifest (4), offset
 * (8), bytes wanted (4); the answer is the CRC-32C of the piece (4) and the piece.
 */
final class SnapshotService {
    static final String MANIFEST_METHOD = "snapshot/manifest";
    static final String PIECE_METHOD = "snapshot/piece";
    static final int PIECE_BYTES_MAX = 1 << 20;
    static final int PIECE_REQUEST_BYTES = 8 + 4 + 8 + 4;

    private final SnapshotFolder folder;
    private final PeerTransport transport;
    private final ScheduledExecutorService timer;
    private final long bytesPerSecondMax;

    /** When the next piece may leave; guarded by this. */
    private long freeNanos = System.nanoTime();

    SnapshotService(
            SnapshotFolder folder, PeerTransport transport, ScheduledExecutorService timer, long bytesPerSecondMax) {
        this.folder = folder;
        this.transport = transport;
        this.timer = timer;
        this.bytesPerSecondMax = bytesPerSecondMax;
    }

    void register() {
        // Files are read on a thread of the pool: other requests of the same member go on meanwhile.
        transport.serve(
                MANIFEST_METHOD, Access.MEMBERS, request -> transport.pool().execute(() -> giveManifest(request)));
        transport.serve(
                PIECE_METHOD, Access.MEMBERS, request -> transport.pool().execute(() -> givePiece(request)));
    }

    private void giveManifest(PeerRequest request) {
        if (request.payload().size() != Long.BYTES) {
            request.refuse("malformed request");
            return;
        }
        long index = request.payload().asReadOnlyByteBuffer().getLong();
        if (folder.servedTo(index).isEmpty()) {
            request.refuse("there is no snapshot " + index);
            return;
        }
        try {
            request.respond(
                    UnsafeByteOperations.unsafeWrap(folder.manifest(index).encode()));
        } catch (IOException e) {
            request.refuse(String.valueOf(e.getMessage()));
        }
    }

    private void givePiece(PeerRequest request) {
        if (request.payload().size() != PIECE_REQUEST_BYTES) {
            request.refuse("malformed request");
            return;
        }
        ByteBuffer in = request.payload().asReadOnlyByteBuffer();
        long index = in.getLong();
        int number = in.getInt();
        long offset = in.getLong();
        int wanted = in.getInt();
        Optional<Path> directory = folder.servedTo(index);
        if (directory.isEmpty()) {
            request.refuse("there is no snapshot " + index);
            return;
        }
        try {
            SnapshotManifest manifest = folder.manifest(index);
            if (number < 0 || number >= manifest.parts().size()) {
                request.refuse("snapshot " + index + " has no file " + number);
                return;
            }
            Part part = manifest.parts().get(number);
            if (offset < 0 || offset > part.size() || wanted <= 0 || wanted > PIECE_BYTES_MAX) {
                request.refuse("no such piece of " + part.name());
                return;
            }
            ByteString piece =
                    read(directory.get().resolve(part.name()), offset, (int) Math.min(wanted, part.size() - offset));
            respondWithin(request, piece);
        } catch (IOException e) {
            request.refuse("cannot read snapshot " + index + ": " + e.getMessage());
        }
    }

    private static ByteString read(Path file, long offset, int length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(Integer.BYTES + length);
        piece.position(Integer.BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (piece.hasRemaining()) {
                int read = channel.read(piece, offset + piece.position() - Integer.BYTES);
                if (read < 0) {
                    throw new IOException(file + " is shorter than it was");
                }
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(piece.array(), Integer.BYTES, length);
        piece.putInt(0, (int) crc.getValue());
        return UnsafeByteOperations.unsafeWrap(piece.array());
    }

    private void respondWithin(PeerRequest request, ByteString piece) {
        long delayNanos = bytesPerSecondMax <= 0 ? 0 : reserve(piece.size(), System.nanoTime());
        if (delayNanos <= 0) {
            request.respond(piece);
            return;
        }
        try {
            ScheduledFuture<?> _ = timer.schedule(() -> request.respond(piece), delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            request.refuse("this member is closing");
        }
    }

    /** Takes a place in the row; returns how long to wait for it. */
    private synchronized long reserve(int bytes, long nowNanos) {
        if (freeNanos - nowNanos < 0) {
            freeNanos = nowNanos;
        }
        long delayNanos = freeNanos - nowNanos;
        freeNanos += TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecondMax;
        return delayNanos;
    }
}
