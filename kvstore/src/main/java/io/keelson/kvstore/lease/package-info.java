/**
 * Leases: granted, renewed and revoked through the log; expired by the leader.
 *
 * <p>A lease is a time to live and a deadline in cluster time (see {@link io.keelson.raft.CommittedBatch#clusterTimeMs}),
 * which is the only clock here. It is part of the log, so every member computes the same deadlines; it stands still while
 * nobody leads, so the time left survives a change of leader and a restart; and no wall clock can harm it.
 *
 * <p>{@link io.keelson.kvstore.lease.LeaseStore} carries out the commands and keeps an index of the deadlines in memory.
 * {@link io.keelson.kvstore.lease.LeaseRenewer} collects the keep-alives of a member's clients into commands, {@link
 * io.keelson.kvstore.lease.LeaseExpirer} proposes, on the leader, to revoke what has expired, and {@link
 * io.keelson.kvstore.lease.LeaseService} is the gRPC service.
 */
@NullMarked
package io.keelson.kvstore.lease;

import org.jspecify.annotations.NullMarked;
