package io.keelson.kvstore.server;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.RequestValidation;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.auth.RequestUser;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.AnswerBody;
import io.keelson.kvstore.mvcc.AnswerRoom;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.mvcc.RangeResult;
import io.keelson.kvstore.mvcc.RangeStream;
import io.keelson.kvstore.server.net.UnreadAnswers;
import io.keelson.kvstore.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC service {@code etcdserverpb.KV}.
 *
 * <p>Requests are checked on the connection's event loop. Writes go into the log with the bytes they came in. Reads run on
 * reader threads, after a read point unless they are serializable; those that may be long (ranges without a small limit,
 * and in the past) on threads of their own, so that reads of single keys never stand behind them.
 */
final class KvService implements BindableService {
    private static final Logger log = LoggerFactory.getLogger(KvService.class);

    private static final long SHORT_RANGE_KEYS_MAX = 100;

    private final Proposals proposals;
    private final ReadPoints readPoints;
    private final Supplier<@Nullable Executor> ioThread;
    private final Executor longReaders;
    private final UnreadAnswers unread;
    private final MvccStore store;
    private final Headers headers;
    private final Authorizer authorizer;
    private final SpaceQuota quota;
    private final BooleanSupplier learner;
    private final int txnOpsMax;

    /**
     * @param ioThread the caller's I/O thread; null on other threads
     * @param longReaders where reads run that may take long; bounded
     * @param unread bounds the answers that clients do not read
     * @param learner whether this member is one
     * @param txnOpsMax operations in a transaction
     */
    KvService(
            Proposals proposals,
            ReadPoints readPoints,
            Supplier<@Nullable Executor> ioThread,
            Executor longReaders,
            UnreadAnswers unread,
            MvccStore store,
            Headers headers,
            Authorizer authorizer,
            SpaceQuota quota,
            BooleanSupplier learner,
            int txnOpsMax) {
        this.proposals = proposals;
        this.readPoints = readPoints;
        this.ioThread = ioThread;
        this.longReaders = longReaders;
        this.unread = unread;
        this.store = store;
        this.headers = headers;
        this.authorizer = authorizer;
        this.quota = quota;
        this.learner = learner;
        this.txnOpsMax = txnOpsMax;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return new EncodedService(KVGrpc.getServiceDescriptor())
                .unary(KVGrpc.getRangeMethod(), this::range)
                .serverStreaming(KVGrpc.getRangeStreamMethod(), this::rangeStream)
                .unary(KVGrpc.getPutMethod(), this::put)
                .unary(KVGrpc.getDeleteRangeMethod(), this::deleteRange)
                .unary(KVGrpc.getTxnMethod(), this::txn)
                .unary(KVGrpc.getCompactMethod(), this::compact)
                .build();
    }

    private void range(RawRequest<RangeRequest> raw, StreamObserver<EncodedResponse> client) {
        RangeRequest request = raw.message();
        EtcdError refusal = RequestValidation.check(request);
        if (refusal != null) {
            client.onError(refusal.status().asRuntimeException());
            return;
        }
        Read read = room -> Objects.requireNonNull(answer(request, room, store::range));
        Executor io = isPoint(request) ? ioThread.get() : null;
        if (io == null) {
            readRange(client, request, read);
        } else {
            readPoint(client, request, io, read);
        }
    }

    /** Reads once its keys are counted, so that no reader walks over many keys to say how many there are. */
    private void readRange(StreamObserver<EncodedResponse> client, RangeRequest request, Read read) {
        Runnable counted = () -> read(client, request.getSerializable(), isShort(request), read);
        CompletableFuture<Void> counting;
        try {
            if (authorizer.enabled()) {
                authorizer.checkRead(authorizer.user(), rangeOf(request));
            }
            counting = store.counted(request);
        } catch (EtcdException | StorageException e) {
            client.onError(Failures.status(e).asRuntimeException());
            return;
        } catch (RejectedExecutionException e) {
            client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
            return;
        }
        if (counting == null) {
            counted.run();
        } else {
            Runnable inContext = Context.current().wrap(counted);
            var _ = counting.whenComplete((_, _) -> inContext.run());
        }
    }

    private @Nullable EncodedResponse answer(
            RangeRequest request,
            AnswerRoom.Share room,
            BiFunction<RangeRequest, AnswerRoom.Share, @Nullable RangeResult> read) {
        RequestUser user = authorizer.user();
        authorizer.checkRead(user, rangeOf(request));
        RangeResult result = read.apply(request, room);
        if (result == null) {
            return null;
        }
        authorizer.checkUnchanged(user);
        return new EncodedResponse(headers.encoded(result.revision()), result.body());
    }

    /** Whether the request is for the newest version of one key. */
    private static boolean isPoint(RangeRequest request) {
        return request.getRangeEnd().isEmpty() && request.getRevision() <= 0;
    }

    /**
     * Reads a single key on the I/O thread of its connection, where no other thread has to be woken for it, if what it
     * needs is in memory; otherwise on a reader thread, which may wait for the disk.
     */
    private void readPoint(StreamObserver<EncodedResponse> client, RangeRequest request, Executor io, Read fromDisk) {
        boolean serializable = request.getSerializable();
        if (!serializable && learner.getAsBoolean()) {
            client.onError(EtcdError.NOT_SUPPORTED_FOR_LEARNER.status().asRuntimeException());
            return;
        }
        Context context = authorizer.enabled() ? Context.current() : null;
        Runnable task = () -> {
            Read inMemory = room -> answer(request, room, store::rangeInMemory);
            if (!run(context, inMemory, client, false)) {
                hand(readPoints.readers(), () -> run(context, fromDisk, client, false), client);
            }
        };
        if (serializable) {
            task.run();
            return;
        }
        var _ = readPoints.linearizable(io).whenComplete((_, failure) -> {
            if (failure != null) {
                client.onError(Failures.status(failure).asRuntimeException());
            } else {
                task.run();
            }
        });
    }

    private static KeyRange rangeOf(RangeRequest request) {
        return KeyRange.of(request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
    }

    private static boolean isShort(RangeRequest request) {
        if (request.getRangeEnd().isEmpty()) {
            return true;
        }
        boolean few = request.getCountOnly() || (request.getLimit() > 0 && request.getLimit() <= SHORT_RANGE_KEYS_MAX);
        return few && !MvccStore.walks(request);
    }

    private void txn(RawRequest<TxnRequest> raw, StreamObserver<EncodedResponse> client) {
        TxnRequest request = raw.message();
        EtcdError refusal = RequestValidation.check(request, txnOpsMax);
        if (refusal != null) {
            client.onError(refusal.status().asRuntimeException());
            return;
        }
        if (!RequestValidation.onlyReads(request)) {
            if (RequestValidation.puts(request) && !quota.admits(raw.bytes().length)) {
                client.onError(EtcdError.NO_SPACE.status().asRuntimeException());
                return;
            }
            write(CommandKind.TXN, raw.bytes(), client);
            return;
        }
        read(client, onlySerializable(request), false, room -> {
            RequestUser user = authorizer.user();
            authorizer.checkReadOnly(user, request);
            MvccStore.TxnResult result = store.readTxn(request, room);
            authorizer.checkUnchanged(user);
            return new EncodedResponse(headers.encoded(result.revision()), result.body());
        });
    }

    /** As in etcd, a transaction that reads nothing but serializable ranges is one itself. */
    private static boolean onlySerializable(TxnRequest request) {
        return request.getSuccessList().stream()
                        .allMatch(operation -> operation.getRequestRange().getSerializable())
                && request.getFailureList().stream()
                        .allMatch(operation -> operation.getRequestRange().getSerializable())
                && request.getSuccessCount() + request.getFailureCount() > 0;
    }

    private void put(RawRequest<PutRequest> raw, StreamObserver<EncodedResponse> client) {
        EtcdError refusal = RequestValidation.check(raw.message());
        if (refusal == null && !quota.admits(raw.bytes().length)) {
            refusal = EtcdError.NO_SPACE;
        }
        if (refusal != null) {
            client.onError(refusal.status().asRuntimeException());
            return;
        }
        write(CommandKind.PUT, raw.bytes(), client);
    }

    private void deleteRange(RawRequest<DeleteRangeRequest> raw, StreamObserver<EncodedResponse> client) {
        EtcdError refusal = RequestValidation.check(raw.message());
        if (refusal != null) {
            client.onError(refusal.status().asRuntimeException());
            return;
        }
        write(CommandKind.DELETE_RANGE, raw.bytes(), client);
    }

    private void compact(RawRequest<CompactionRequest> raw, StreamObserver<EncodedResponse> client) {
        CompletableFuture<ApplyResult> done = propose(CommandKind.COMPACT, raw.bytes());
        if (raw.message().getPhysical()) {
            done = done.thenCompose(result ->
                    store.compactionFinished(raw.message().getRevision()).thenApply(_ -> result));
        }
        answer(done, client);
    }

    private void write(CommandKind kind, byte[] request, StreamObserver<EncodedResponse> client) {
        answer(propose(kind, request), client);
    }

    private CompletableFuture<ApplyResult> propose(CommandKind kind, byte[] request) {
        try {
            return proposals.propose(authorizer.command(kind, ByteBuffer.wrap(request)));
        } catch (EtcdException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(CompletableFuture<ApplyResult> result, StreamObserver<EncodedResponse> client) {
        var _ = result.whenComplete((value, failure) -> {
            if (failure != null) {
                client.onError(Failures.status(failure).asRuntimeException());
            } else {
                try {
                    client.onNext(new EncodedResponse(headers.encoded(value.revision()), value.answer()));
                    client.onCompleted();
                } finally {
                    value.answer().release();
                }
            }
        });
    }

    /** Runs a read where and when it may, in the context of the request. */
    private void read(StreamObserver<EncodedResponse> client, boolean serializable, boolean shortRead, Read read) {
        if (!serializable && learner.getAsBoolean()) {
            client.onError(EtcdError.NOT_SUPPORTED_FOR_LEARNER.status().asRuntimeException());
            return;
        }
        Context context = authorizer.enabled() ? Context.current() : null;
        Runnable task = () -> run(context, read, client, !shortRead);
        try {
            if (serializable) {
                (shortRead ? readPoints.readers() : longReaders).execute(task);
                return;
            }
            var _ = readPoints.linearizable().whenComplete((_, failure) -> {
                if (failure != null) {
                    client.onError(Failures.status(failure).asRuntimeException());
                } else if (shortRead) {
                    task.run();
                } else {
                    hand(longReaders, task, client);
                }
            });
        } catch (RejectedExecutionException e) {
            client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
        }
    }

    private static void hand(Executor where, Runnable task, StreamObserver<EncodedResponse> client) {
        try {
            where.execute(task);
        } catch (RejectedExecutionException e) {
            client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
        }
    }

    /**
     * Returns false if there is no response yet.
     *
     * @param mayWait whether this thread may wait until there is room for a large answer
     */
    private boolean run(@Nullable Context context, Read read, StreamObserver<EncodedResponse> client, boolean mayWait) {
        // Who asks for much, does not read it and leaves must not keep others waiting behind all that he has asked for.
        if (client instanceof ServerCallStreamObserver<?> call && call.isCancelled()) {
            return true;
        }
        // The answer is held until it has been copied to where it goes to the wire from.
        try (AnswerRoom.Share room = store.answers().share(mayWait)) {
            EncodedResponse response;
            Context before = context == null ? null : context.attach();
            try {
                response = read.answer(room);
            } catch (RuntimeException | OutOfMemoryError e) {
                client.onError(status(e).asRuntimeException());
                return true;
            } finally {
                if (context != null && before != null) {
                    context.detach(before);
                }
            }
            if (response == null) {
                return false;
            }
            if (!unread.admit(response.sizeBytes(), mayWait)) {
                client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
                return true;
            }
            client.onNext(response);
            client.onCompleted();
            return true;
        }
    }

    /** A reader that finds no memory has changed nothing, and says so instead of leaving its client to wait. */
    private static Status status(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            log.warn("there was no memory for an answer", failure);
            return EtcdError.RESPONSE_TOO_LARGE.status();
        }
        return Failures.status(failure);
    }

    /** Reads, and makes the answer. */
    @FunctionalInterface
    private interface Read {
        /** Returns null if the disk would have to be asked and is not to be. */
        @Nullable
        EncodedResponse answer(AnswerRoom.Share room);
    }

    private void rangeStream(RawRequest<RangeRequest> raw, StreamObserver<EncodedResponse> client) {
        RangeRequest request = raw.message();
        EtcdError refusal = RequestValidation.check(request);
        if (refusal == null && learner.getAsBoolean() && !request.getSerializable()) {
            refusal = EtcdError.NOT_SUPPORTED_FOR_LEARNER;
        }
        if (refusal != null) {
            client.onError(refusal.status().asRuntimeException());
            return;
        }
        Pieces pieces = new Pieces(request, Context.current(), (ServerCallStreamObserver<EncodedResponse>) client);
        if (request.getSerializable()) {
            pieces.begin();
        } else {
            var _ = readPoints.linearizable().whenComplete((_, failure) -> {
                if (failure == null) {
                    pieces.begin();
                } else {
                    client.onError(Failures.status(failure).asRuntimeException());
                }
            });
        }
    }

    /** A range on its way to a client, piece by piece, as fast as the client takes them. */
    private final class Pieces {
        private static final int RANGE_RESPONSE_TAG = (1 << 3) | 2;

        private final RangeRequest request;
        private final Context context;
        private final ServerCallStreamObserver<EncodedResponse> client;
        private final RangeStream pieces;
        private boolean begun;
        private boolean running;
        private boolean ended;

        Pieces(RangeRequest request, Context context, ServerCallStreamObserver<EncodedResponse> client) {
            this.request = request;
            this.context = context;
            this.client = client;
            this.pieces = store.rangeStream(request);
            client.setOnReadyHandler(this::proceed);
            client.setOnCancelHandler(() -> {});
        }

        void begin() {
            synchronized (this) {
                begun = true;
            }
            proceed();
        }

        private void proceed() {
            synchronized (this) {
                if (!begun || running || ended) {
                    return;
                }
                running = true;
            }
            try {
                longReaders.execute(context.wrap(this::send));
            } catch (RejectedExecutionException e) {
                end();
                client.onError(EtcdError.TOO_MANY_REQUESTS.status().asRuntimeException());
            }
        }

        private void send() {
            try {
                while (client.isReady() && !client.isCancelled()) {
                    if (!sendNext()) {
                        end();
                        client.onCompleted();
                        return;
                    }
                }
            } catch (RuntimeException | OutOfMemoryError e) {
                end();
                client.onError(status(e).asRuntimeException());
                return;
            }
            synchronized (this) {
                running = false;
            }
            // It may have become ready after it was last looked at and before this was seen as not running.
            if (client.isReady() && !client.isCancelled()) {
                proceed();
            }
        }

        /** Returns false if there are no more pieces. */
        private boolean sendNext() {
            try (AnswerRoom.Share room = store.answers().shareOfPiece()) {
                RequestUser user = authorizer.user();
                authorizer.checkRead(user, rangeOf(request));
                RangeResult piece = pieces.next(room);
                authorizer.checkUnchanged(user);
                if (piece != null) {
                    client.onNext(wrapped(headers.encoded(piece.revision()), piece.body()));
                }
                return piece != null;
            }
        }

        private synchronized void end() {
            ended = true;
        }

        /** A {@code RangeStreamResponse}: the response as its field 1. */
        private static EncodedResponse wrapped(byte[] header, AnswerBody body) {
            int length = header.length + body.sizeBytes();
            byte[] head = new byte[1 + 5 + header.length];
            head[0] = RANGE_RESPONSE_TAG;
            int at = 1;
            int rest = length;
            while ((rest & ~0x7f) != 0) {
                head[at++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            head[at++] = (byte) rest;
            System.arraycopy(header, 0, head, at, header.length);
            return new EncodedResponse(Arrays.copyOf(head, at + header.length), body);
        }
    }
}
