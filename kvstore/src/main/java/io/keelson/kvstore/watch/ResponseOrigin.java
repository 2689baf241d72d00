package io.keelson.kvstore.watch;

import java.util.function.LongSupplier;

/**
 * Who answers: what the header of a response says besides the revision.
 *
 * @param clusterId id of the cluster, unsigned
 * @param memberId id of this member, unsigned
 * @param raftTerm the term at the time of asking; called by the dispatcher, must be quick
 */
public record ResponseOrigin(long clusterId, long memberId, LongSupplier raftTerm) {}
