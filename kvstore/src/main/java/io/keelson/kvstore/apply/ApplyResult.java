package io.keelson.kvstore.apply;

import io.keelson.kvstore.errors.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a command.
 *
 * @param revision the store's revision after the command, for the response header
 * @param body the response message in protobuf encoding without its header: the server writes the header in front, which
 *     protobuf allows; empty when nobody here waits for it
 * @param error why the command was refused; null for success
 */
public record ApplyResult(
        long revision, byte[] body, @Nullable EtcdError error) {
    private static final byte[] NOTHING = {};

    public static ApplyResult success(long revision, byte[] body) {
        return new ApplyResult(revision, body, null);
    }

    public static ApplyResult success(long revision) {
        return new ApplyResult(revision, NOTHING, null);
    }

    public static ApplyResult failure(long revision, EtcdError error) {
        return new ApplyResult(revision, NOTHING, error);
    }
}
