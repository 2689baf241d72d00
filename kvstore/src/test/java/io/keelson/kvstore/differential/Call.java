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

    /**
     * Grants a lease whose id the server chooses; {@code id} is how the run calls it: in requests and answers it stands for
     * what the server has chosen.
     */
    record LeaseGrantAny(long id, long ttlSeconds) implements Call {}

    /**
     * Grants a lease and revokes it at once, so that one of few seconds can be compared, which would otherwise expire at one
     * server before the other.
     */
    record LeaseBriefly(long id, long ttlSeconds) implements Call {}

    record LeaseRevoke(long id) implements Call {}

    record LeaseKeepAlive(long id) implements Call {}

    record LeaseTimeToLive(long id, boolean keys) implements Call {}

    record LeaseLeases() implements Call {}

    /**
     * Opens a watch.
     *
     * @param number how the run calls it, not its id on the wire
     * @param stream which of the run's streams it is opened on; the first watch of a stream opens it
     * @param request with the id that is chosen, or 0 for one of the server's
     */
    record WatchOpen(int number, int stream, WatchCreateRequest request) implements Call {}

    record WatchCancel(int number) implements Call {}
}
