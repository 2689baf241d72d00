package io.keelson.kvstore.mvcc;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the commands of the KV service. Apply thread only. */
public final class KeyValueCommands {
    /**
     * What a command comes to.
     *
     * @param body the response without header, empty if nobody asked for it
     * @param answerTooLarge whether the answer was given up because of its size; what the command wrote stands
     */
    public record Outcome(AnswerBody body, boolean answerTooLarge) {}

    private static final Logger log = LoggerFactory.getLogger(KeyValueCommands.class);

    private final MvccWriter writer;
    private final AnswerRoom answers;

    /** @param answerBytesMax what the answers that are not handed over yet may take together */
    public KeyValueCommands(MvccWriter writer, long answerBytesMax) {
        this.writer = writer;
        this.answers = new AnswerRoom(answerBytesMax);
    }

    /** Adds the keys whose newest records a request will ask for one by one, as far as it names them, to a list. */
    public static void keysOf(MessageLite request, List<byte[]> keys) {
        switch (request) {
            case PutRequest put -> keys.add(put.getKey().toByteArray());
            case DeleteRangeRequest delete -> {
                if (delete.getRangeEnd().isEmpty()) {
                    keys.add(delete.getKey().toByteArray());
                }
            }
            case RangeRequest range -> {
                if (range.getRangeEnd().isEmpty()) {
                    keys.add(range.getKey().toByteArray());
                }
            }
            case TxnRequest txn -> {
                for (Compare compare : txn.getCompareList()) {
                    if (compare.getRangeEnd().isEmpty()) {
                        keys.add(compare.getKey().toByteArray());
                    }
                }
                txn.getSuccessList().forEach(operation -> keysOf(operation, keys));
                txn.getFailureList().forEach(operation -> keysOf(operation, keys));
            }
            default -> {}
        }
    }

    private static void keysOf(RequestOp operation, List<byte[]> keys) {
        switch (operation.getRequestCase()) {
            case REQUEST_PUT -> keysOf(operation.getRequestPut(), keys);
            case REQUEST_DELETE_RANGE -> keysOf(operation.getRequestDeleteRange(), keys);
            case REQUEST_RANGE -> keysOf(operation.getRequestRange(), keys);
            case REQUEST_TXN -> keysOf(operation.getRequestTxn(), keys);
            case REQUEST_NOT_SET -> {}
        }
    }

    /**
     * @param answered whether the answer is wanted
     * @throws io.keelson.kvstore.errors.EtcdException why it cannot be done; what was written meanwhile is to be taken
     *     back
     */
    public Outcome carryOut(MessageLite request, boolean answered) {
        AnswerRoom.Share room = answers.shareOfCommand();
        boolean kept = false;
        try {
            Operations operations = Operations.writing(writer, answered, room);
            AnswerBody body = switch (request) {
                case PutRequest put -> operations.put(put);
                case DeleteRangeRequest deleteRange -> operations.deleteRange(deleteRange);
                case TxnRequest txn -> operations.txn(txn);
                case CompactionRequest compaction -> {
                    writer.compact(compaction.getRevision());
                    yield AnswerBody.EMPTY;
                }
                default -> throw new IllegalArgumentException("not a request of the KV service: " + request.getClass());
            };
            if (operations.noMemory() != null) {
                log.warn(
                        "there was no memory for the answer to a command, which is carried out", operations.noMemory());
            }
            if (room.counted() && !operations.answerTooLarge() && body.sizeBytes() > 0) {
                body.keep(room);
                kept = true;
            }
            return new Outcome(body, operations.answerTooLarge());
        } finally {
            if (!kept) {
                room.close();
            }
        }
    }
}
