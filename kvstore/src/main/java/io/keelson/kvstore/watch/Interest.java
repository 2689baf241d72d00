package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;

/**
 * What a watch wants to see. Watches with the same interest see the same bytes.
 *
 * @param range the keys
 * @param previous whether events carry the state of the key before them
 * @param puts whether puts are wanted
 * @param deletes whether deletions are wanted
 */
record Interest(KeyRange range, boolean previous, boolean puts, boolean deletes) {
    /** Whether an event of a key in the range is wanted. */
    boolean wants(KvEvent event) {
        return event.delete() ? deletes : puts;
    }
}
