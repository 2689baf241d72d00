package io.keelson.kvstore.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.keelson.kvstore.api.SnapshotResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.StoreMetrics;
import io.keelson.kvstore.mvcc.HistoryExport;
import io.keelson.kvstore.mvcc.MvccStore;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the state of the store as the file an etcd would send, followed by its SHA-256, at the pace of the client. Each
 * snapshot has a thread of its own, and no virtual one: it walks through the whole store, and virtual threads, which wait
 * for others most of the time, have no more carriers than there are processors. At most {@link #SNAPSHOTS_MAX} are sent at
 * a time, because each keeps what it sees on disk until it is done.
 */
final class SnapshotSender {
    private static final Logger log = LoggerFactory.getLogger(SnapshotSender.class);
    private static final int SNAPSHOTS_MAX = 4;
    private static final int PIECE_BYTES = 32 * 1024;

    /** A client that takes nothing for so long is given up. */
    private static final long STALLED_MS_MAX = 60_000;

    private final MvccStore store;
    private final Headers headers;
    private final Format format;
    private final StoreMetrics metrics;
    private final Semaphore slots = new Semaphore(SNAPSHOTS_MAX);

    /** Makes the bytes of a snapshot file. */
    @FunctionalInterface
    interface Format {
        /** Looks through everything; what it returns knows how long the file will be. */
        File prepare(HistoryExport history) throws IOException;

        /** A file that is made while it is written. */
        interface File {
            long sizeBytes();

            void writeTo(OutputStream out) throws IOException;
        }
    }

    SnapshotSender(MvccStore store, Headers headers, Format format, StoreMetrics metrics) {
        this.store = store;
        this.headers = headers;
        this.format = format;
        this.metrics = metrics;
    }

    void send(ServerCallStreamObserver<SnapshotResponse> client) {
        if (!slots.tryAcquire()) {
            client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
            return;
        }
        Semaphore room = new Semaphore(0);
        client.setOnReadyHandler(room::release);
        client.setOnCancelHandler(room::release);
        var _ = Thread.ofPlatform().daemon().name("snapshot").start(() -> {
            try {
                stream(client, room);
            } catch (Gone e) {
                log.info("a snapshot was not sent to its end: {}", e.getMessage());
            } catch (IOException | RuntimeException e) {
                log.error("a snapshot failed", e);
                client.onError(Status.INTERNAL
                        .withDescription("etcdserver: cannot make a snapshot: " + e.getMessage())
                        .asRuntimeException());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                slots.release();
            }
        });
    }

    private void stream(ServerCallStreamObserver<SnapshotResponse> client, Semaphore room)
            throws IOException, InterruptedException {
        long beganNs = System.nanoTime();
        MessageDigest digest = sha256();
        try (HistoryExport history = store.export()) {
            Format.File file = format.prepare(history);
            log.info("sending database snapshot to client: {} bytes", file.sizeBytes());
            try (Pieces pieces = new Pieces(client, room, digest, file.sizeBytes())) {
                file.writeTo(pieces);
            }
        }
        awaitRoom(client, room);
        client.onNext(SnapshotResponse.newBuilder()
                .setHeader(headers.header())
                .setRemainingBytes(0)
                .setBlob(ByteString.copyFrom(digest.digest()))
                .setVersion(Version.ETCD.ofCluster().toString())
                .build());
        client.onCompleted();
        metrics.snapshotSent(System.nanoTime() - beganNs);
    }

    private static void awaitRoom(ServerCallStreamObserver<SnapshotResponse> client, Semaphore room)
            throws Gone, InterruptedException {
        while (!client.isReady()) {
            if (client.isCancelled()) {
                throw new Gone("the client has left");
            }
            if (!room.tryAcquire(STALLED_MS_MAX, TimeUnit.MILLISECONDS)) {
                throw new Gone("the client takes nothing any more");
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The client is not there any more. */
    private static final class Gone extends IOException {
        private static final long serialVersionUID = 1L;

        Gone(String message) {
            super(message);
        }
    }

    /** Cuts what is written into messages. */
    private final class Pieces extends OutputStream {
        private final ServerCallStreamObserver<SnapshotResponse> client;
        private final Semaphore room;
        private final MessageDigest digest;
        private long remaining;
        private byte[] piece = new byte[PIECE_BYTES];
        private int filled;

        Pieces(ServerCallStreamObserver<SnapshotResponse> client, Semaphore room, MessageDigest digest, long size) {
            this.client = client;
            this.room = room;
            this.digest = digest;
            this.remaining = size;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int at = from;
            int left = length;
            while (left > 0) {
                int count = Math.min(left, PIECE_BYTES - filled);
                System.arraycopy(bytes, at, piece, filled, count);
                filled += count;
                at += count;
                left -= count;
                if (filled == PIECE_BYTES) {
                    sendPiece();
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (filled > 0) {
                sendPiece();
            }
        }

        private void sendPiece() throws IOException {
            try {
                awaitRoom(client, room);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Gone("the server stops");
            }
            digest.update(piece, 0, filled);
            remaining -= filled;
            client.onNext(SnapshotResponse.newBuilder()
                    .setHeader(headers.header())
                    .setRemainingBytes(remaining)
                    .setBlob(UnsafeByteOperations.unsafeWrap(piece, 0, filled))
                    .setVersion(Version.ETCD.toString())
                    .build());
            piece = new byte[PIECE_BYTES];
            filled = 0;
        }
    }
}
