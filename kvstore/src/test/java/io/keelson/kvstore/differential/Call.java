package io.keelson.kvstore.differential;

import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.WatchCreateRequest;

/** One call to an etcd v3 server. */
sealed interface Call {
    record Range(RangeRequest request) implements Call {}

    record Put(PutRequest request) implements Call {}

    record DeleteRange(DeleteRangeRequest request) implements Call {}

    record Txn(TxnRequest request) implements Call {}

    record Compact(CompactionRequest request) implements Call {}

    record LeaseGrant(long id, long ttlSeconds) implements Call {}

    record LeaseRevoke(long id) implements Call {}

    record LeaseKeepAlive(long id) implements Call {}

    record LeaseTimeToLive(long id, boolean keys) implements Call {}

    record LeaseLeases() implements Call {}

    /** Opens a watch; {@code number} is how the run calls it, not its id on the wire. */
    record WatchOpen(int number, WatchCreateRequest request) implements Call {}

    record WatchCancel(int number) implements Call {}
}
