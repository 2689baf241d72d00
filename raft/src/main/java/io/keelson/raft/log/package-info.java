/**
 * The durable log of one member: entries in, the same entries out, whatever happens to the power in between.
 *
 * <p>{@link io.keelson.raft.log.SegmentLogStorage} is the only public class. sofa-jraft's disk thread hands it lists of
 * entries; each list becomes one write and one {@code fdatasync}, and is acknowledged after it. Readers (replication,
 * replay after a start) come on any thread and read files by position.
 *
 * <p>From the outside in: {@code SegmentLogStorage} is what sofa-jraft sees; {@code OpenLog} carries out appends,
 * truncations and reads; {@code Chain} says which files make up the log at this moment; {@code LogRecovery} finds that out at a start; {@code Segment} is one file, {@code SegmentHeader}
 * its first block, {@code RecordFormat} and {@code EntryCodec} what follows, made by {@code RecordBuffer}; {@code SegmentScan} reads a file from front
 * to back and {@code TailJudgement} says what its end means; {@code SegmentSupply} makes the next file before it is
 * needed, and {@code FileRemoval} gives the old ones back.
 */
@NullMarked
package io.keelson.raft.log;

import org.jspecify.annotations.NullMarked;
