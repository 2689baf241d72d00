package io.keelson.kvstore.mvcc;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.TxnRequest;

/** Carries out the commands of the KV service. Apply thread only. */
public final class KeyValueCommands {
    /**
     * What a command comes to.
     *
     * @param body the response without header, empty if nobody asked for it
     * @param answerTooLarge whether the answer was given up because of its size; what the command wrote stands
     */
    public record Outcome(byte[] body, boolean answerTooLarge) {}

    private static final byte[] NOTHING = {};

    private final MvccWriter writer;
    private final long answerBytesMax;

    public KeyValueCommands(MvccWriter writer, long answerBytesMax) {
        this.writer = writer;
        this.answerBytesMax = answerBytesMax;
    }

    /**
     * @param answered whether the answer is wanted
     * @throws io.keelson.kvstore.errors.EtcdException why it cannot be done; what was written meanwhile is to be taken
     *     back
     */
    public Outcome carryOut(MessageLite request, boolean answered) {
        Operations operations = Operations.writing(writer, answered, answerBytesMax);
        byte[] body = switch (request) {
            case PutRequest put -> operations.put(put);
            case DeleteRangeRequest deleteRange -> operations.deleteRange(deleteRange);
            case TxnRequest txn -> operations.txn(txn);
            case CompactionRequest compaction -> {
                writer.compact(compaction.getRevision());
                yield NOTHING;
            }
            default -> throw new IllegalArgumentException("not a request of the KV service: " + request.getClass());
        };
        return new Outcome(body, operations.answerTooLarge());
    }
}
