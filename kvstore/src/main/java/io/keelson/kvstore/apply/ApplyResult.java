package io.keelson.kvstore.apply;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.AnswerBody;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a command.
 *
 * @param revision the store's revision after the command, for the response header
 * @param answer the response message in protobuf encoding without its header: the server writes the header in front, which
 *     protobuf allows; empty when nobody here waits for it. Whoever has handed it over releases it
 * @param error why the command was refused; null for success
 */
public record ApplyResult(
        long revision, AnswerBody answer, @Nullable EtcdError error) {
    public static ApplyResult success(long revision, AnswerBody answer) {
        return new ApplyResult(revision, answer, null);
    }

    public static ApplyResult success(long revision, byte[] body) {
        return success(revision, AnswerBody.of(body));
    }

    public static ApplyResult success(long revision) {
        return success(revision, AnswerBody.EMPTY);
    }

    public static ApplyResult failure(long revision, EtcdError error) {
        return new ApplyResult(revision, AnswerBody.EMPTY, error);
    }

    /** The answer in one array; for answers that are small. */
    public byte[] body() {
        return answer.toByteArray();
    }
}
