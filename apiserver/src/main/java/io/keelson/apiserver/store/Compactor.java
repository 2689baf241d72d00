package io.keelson.apiserver.store;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.keelson.apiserver.store.StoreRequests.Operation;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the store forget what is older than an interval, so that its history does not grow without end. All API servers of
 * a cluster do it, in turn, by the protocol of kube-apiserver, whose servers may be among them.
 *
 * <p>The key {@value #KEY} holds the revision that was compacted last, as decimal digits, and its version counts the
 * compactions. Once an interval, a server writes there the revision the store had one interval ago, if the version is
 * still the one it saw last time, and then compacts to that revision. If not, another server was faster: it takes note of the
 * version and the revision of now, and tries again an interval later. So one compaction happens in each interval, and
 * when the server that did it is gone, another one is within two intervals. The first time only takes note.
 */
public final class Compactor implements AutoCloseable {
    static final String KEY = "compact_rev_key";

    private static final Logger log = LoggerFactory.getLogger(Compactor.class);
    private static final ByteString KEY_BYTES = ByteString.copyFromUtf8(KEY);

    private final Turn turn;
    private final Duration interval;
    private final LongConsumer compacted;
    private final Thread thread;

    private Compactor(Turn turn, Duration interval, LongConsumer compacted) {
        this.turn = turn;
        this.interval = interval;
        this.compacted = compacted;
        this.thread = Thread.ofVirtual().name("compactor").unstarted(this::run);
    }

    /**
     * Begins; the first turn is one interval from now.
     *
     * @param interval zero for never
     * @param compacted told, by a thread of the compactor's, of each revision that this or another server compacted to
     */
    public static Compactor start(EtcdStore store, Duration interval, LongConsumer compacted) {
        Compactor compactor = new Compactor(store.compactionTurn(), interval, compacted);
        if (!interval.isZero()) {
            compactor.thread.start();
        }
        return compactor;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(interval);
                try {
                    long revision = turn.take();
                    if (revision > 0) {
                        compacted.accept(revision);
                    }
                } catch (EtcdCalls.Failure e) {
                    log.warn("compaction failed: {}", StoreErrors.text(e.status()));
                } catch (RuntimeException | Error e) {
                    // A history that nobody compacts would fill the store in the end.
                    log.error("compaction failed; again in {}", interval, e);
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    /** What one server remembers from one turn to the next. One thread. */
    static final class Turn {
        private final EtcdCalls calls;
        private long version;
        private long revision;

        Turn(EtcdCalls calls) {
            this.calls = calls;
        }

        /** Compacts if it is this server's turn. Returns the revision compacted to, by whomever; 0 if none is known. */
        long take() throws EtcdCalls.Failure, InterruptedException {
            long wanted = revision;
            TxnResponse answer = calls.write(Operation.COMPACT, KEY, KVGrpc.getTxnMethod(), claim(wanted));
            revision = answer.getHeader().getRevision();
            if (!answer.getSucceeded()) {
                RangeResponse theirKey = answer.getResponses(0).getResponseRange();
                if (theirKey.getKvsCount() == 0) {
                    // Somebody has deleted it: all begin again.
                    version = 0;
                    return 0;
                }
                KeyValue theirs = theirKey.getKvs(0);
                version = theirs.getVersion();
                return parse(theirs.getValue().toStringUtf8());
            }
            version++;
            if (wanted == 0) {
                return 0;
            }
            compactTo(wanted);
            return wanted;
        }

        private TxnRequest claim(long wanted) {
            return TxnRequest.newBuilder()
                    .addCompare(Compare.newBuilder()
                            .setTarget(Compare.CompareTarget.VERSION)
                            .setResult(Compare.CompareResult.EQUAL)
                            .setKey(KEY_BYTES)
                            .setVersion(version))
                    .addSuccess(RequestOp.newBuilder()
                            .setRequestPut(PutRequest.newBuilder()
                                    .setKey(KEY_BYTES)
                                    .setValue(ByteString.copyFromUtf8(Long.toString(wanted)))))
                    .addFailure(RequestOp.newBuilder()
                            .setRequestRange(RangeRequest.newBuilder().setKey(KEY_BYTES)))
                    .build();
        }

        private void compactTo(long wanted) throws EtcdCalls.Failure, InterruptedException {
            CompactionRequest request =
                    CompactionRequest.newBuilder().setRevision(wanted).build();
            try {
                var _ = calls.write(Operation.COMPACT, KEY, KVGrpc.getCompactMethod(), request);
            } catch (EtcdCalls.Failure e) {
                // Somebody has compacted further, by hand for example: that is as good.
                Status status = e.status();
                if (!StoreErrors.isCompacted(status)) {
                    throw e;
                }
            }
        }

        private static long parse(String digits) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                return 0;
            }
        }
    }
}
