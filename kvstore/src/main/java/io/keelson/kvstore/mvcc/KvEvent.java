package io.keelson.kvstore.mvcc;

import org.jspecify.annotations.Nullable;

/**
 * One change of one key.
 *
 * <p>Records are the fields of {@code mvccpb.KeyValue} other than the key, in its protobuf encoding, value last: written
 * behind a key field they are a complete {@code KeyValue}, so that neither a read nor a watch encodes a value again.
 *
 * @param key the user key
 * @param modRevision the revision of the change
 * @param sub its place among the changes of that revision, from 0
 * @param record the key's record after a put; null for a deletion
 * @param previous the key's record before the change; null if it did not exist, or is not kept any more
 */
public record KvEvent(byte[] key, long modRevision, int sub, byte @Nullable [] record, byte @Nullable [] previous) {
    public boolean delete() {
        return record == null;
    }
}
