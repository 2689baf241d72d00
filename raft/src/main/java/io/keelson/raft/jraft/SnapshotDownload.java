package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.raft.jraft.SnapshotManifest.Part;
import io.keelson.raft.transport.PeerIdentity;
import io.keelson.raft.transport.PeerReply;
import io.keelson.raft.transport.PeerTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies a snapshot of another member, file after file, piece after piece, on a thread of its own. When the other cannot
 * be reached, it waits and goes on where it was. What is complete stays also if the copy is given up: if the same
 * snapshot is offered again, also after a restart, only the rest is copied.
 *
 * <p>A file that is being copied has the ending {@value #PARTIAL} and begins anew when the copy does: after a power cut
 * its content could be anything. A complete file is synced before it gets its name.
 */
final class SnapshotDownload extends SnapshotCopier {
    private static final Logger log = LoggerFactory.getLogger(SnapshotDownload.class);

    private static final String SCHEME = "keelson-snapshot://";
    private static final String PARTIAL = ".partial";
    private static final int ANSWER_TIMEOUT_MS = 30_000;
    private static final int PAUSE_MS = 100;

    /** Without any progress for so long, the copy is given up. */
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final long fromMember;
    private final long index;
    private final SnapshotFolder folder;
    private final PeerTransport transport;
    private final Thread thread;
    private volatile boolean cancelled;
    private volatile @Nullable SnapshotReader reader;

    private SnapshotDownload(long fromMember, long index, SnapshotFolder folder, PeerTransport transport) {
        this.fromMember = fromMember;
        this.index = index;
        this.folder = folder;
        this.transport = transport;
        this.thread = Thread.ofPlatform().daemon().name("raft-snapshot-copy").unstarted(this::run);
    }

    static String uri(long memberId, long index) {
        return SCHEME + Long.toHexString(memberId) + "/" + index;
    }

    static @Nullable SnapshotDownload of(String uri, SnapshotFolder folder, PeerTransport transport) {
        int slash = uri.lastIndexOf('/');
        if (!uri.startsWith(SCHEME) || slash < SCHEME.length()) {
            log.error("{} is not where a snapshot can be copied from", uri);
            return null;
        }
        try {
            long member = Long.parseUnsignedLong(uri.substring(SCHEME.length(), slash), 16);
            return new SnapshotDownload(member, Long.parseLong(uri.substring(slash + 1)), folder, transport);
        } catch (NumberFormatException e) {
            log.error("{} is not where a snapshot can be copied from", uri, e);
            return null;
        }
    }

    /** The other member will not give it; trying again would not help. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public void cancel() {
        cancelled = true;
        thread.interrupt();
    }

    @Override
    public void join() throws InterruptedException {
        thread.join();
    }

    @Override
    public @Nullable SnapshotReader getReader() {
        return reader;
    }

    @Override
    public void close() {
        cancel();
        try {
            join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        String name = "snapshot " + index + " of member " + PeerIdentity.text(fromMember);
        long begun = System.nanoTime();
        transport.observer().snapshotReceiving(fromMember);
        boolean whole = false;
        try {
            SnapshotManifest manifest = SnapshotManifest.decode(
                    name,
                    ask(
                                    SnapshotService.MANIFEST_METHOD,
                                    ByteBuffer.allocate(Long.BYTES)
                                            .putLong(index)
                                            .flip())
                            .toByteArray());
            if (manifest.index() != index) {
                throw new RefusedException(name + " is for entry " + manifest.index());
            }
            long bytes = copy(manifest);
            reader = folder.open();
            whole = true;
            log.info(
                    "copied {}: {} bytes in {} ms",
                    name,
                    bytes,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        } catch (RefusedException e) {
            log.warn("{} is not copied: {}", name, e.getMessage());
            setError(RaftError.EINTERNAL, "%s", e.getMessage());
        } catch (InterruptedException e) {
            setError(RaftError.ECANCELED, "the copy of %s was cancelled", name);
        } catch (IOException e) {
            if (cancelled) {
                // A file that is closed by an interrupt says so by an exception of this kind.
                setError(RaftError.ECANCELED, "the copy of %s was cancelled", name);
            } else {
                log.error("{} cannot be copied", name, e);
                setError(RaftError.EIO, "%s cannot be copied: %s", name, e.getMessage());
            }
        } finally {
            transport.observer().snapshotReceived(fromMember, whole, System.nanoTime() - begun);
        }
    }

    /** Returns how many bytes were copied. */
    private long copy(SnapshotManifest manifest) throws IOException, InterruptedException, RefusedException {
        Path directory = folder.incoming(fromMember, index);
        long copied = 0;
        for (int i = 0; i < manifest.parts().size(); i++) {
            Part part = manifest.parts().get(i);
            Path file = directory.resolve(part.name()).normalize();
            if (!file.startsWith(directory) || file.equals(directory)) {
                throw new RefusedException("a file of the snapshot would lie elsewhere: " + part.name());
            }
            if (!Files.exists(file) || Files.size(file) != part.size()) {
                copied += copy(i, part, file);
            }
        }
        if (folder.fsync()) {
            long beganNs = System.nanoTime();
            Directories.syncTree(directory, true);
            transport.observer().snapshotReceivedSynced(System.nanoTime() - beganNs);
        }
        folder.adopt(directory, manifest);
        return copied;
    }

    private long copy(int number, Part part, Path file) throws IOException, InterruptedException, RefusedException {
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path partial = file.resolveSibling(file.getFileName() + PARTIAL);
        try (FileChannel out = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            long offset = 0;
            while (offset < part.size()) {
                ByteBuffer piece = piece(number, part, offset);
                offset += piece.remaining();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
            }
            if (folder.fsync()) {
                out.force(true);
            }
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        return part.size();
    }

    private ByteBuffer piece(int number, Part part, long offset) throws InterruptedException, RefusedException {
        int wanted = (int) Math.min(SnapshotService.PIECE_BYTES_MAX, part.size() - offset);
        while (true) {
            ByteBuffer answer = ask(
                            SnapshotService.PIECE_METHOD,
                            ByteBuffer.allocate(SnapshotService.PIECE_REQUEST_BYTES)
                                    .putLong(index)
                                    .putInt(number)
                                    .putLong(offset)
                                    .putInt(wanted)
                                    .flip())
                    .asReadOnlyByteBuffer();
            if (answer.remaining() == Integer.BYTES + wanted) {
                int expected = answer.getInt();
                CRC32C crc = new CRC32C();
                crc.update(answer.duplicate());
                if ((int) crc.getValue() == expected) {
                    return answer;
                }
            }
            log.warn("a piece of {} arrived damaged and is asked for again", part.name());
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** Asks until there is an answer, or nothing has come for too long. */
    private ByteString ask(String method, ByteBuffer request) throws InterruptedException, RefusedException {
        long giveUpNanos = System.nanoTime() + GIVE_UP_NANOS;
        ByteString payload = UnsafeByteOperations.unsafeWrap(request);
        while (true) {
            if (cancelled) {
                throw new InterruptedException("cancelled");
            }
            CompletableFuture<@Nullable ByteString> answer = new CompletableFuture<>();
            transport.call(fromMember, method, payload, ANSWER_TIMEOUT_MS, new Waiting(answer));
            try {
                ByteString value = answer.get();
                if (value != null) {
                    return value;
                }
            } catch (ExecutionException e) {
                Throwable refusal = e.getCause();
                throw new RefusedException(String.valueOf(refusal == null ? e : refusal.getMessage()));
            }
            if (System.nanoTime() - giveUpNanos > 0) {
                throw new RefusedException("nothing was heard for too long");
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** Completes with the answer, with null if it is worth asking again, or with a refusal. */
    private record Waiting(CompletableFuture<@Nullable ByteString> answer) implements PeerReply {
        @Override
        public void answered(ByteString payload) {
            answer.complete(payload);
        }

        @Override
        public void failed(Failure failure, String message) {
            if (failure == Failure.REFUSED) {
                answer.completeExceptionally(new IOException(message));
            } else {
                answer.complete(null);
            }
        }
    }
}
