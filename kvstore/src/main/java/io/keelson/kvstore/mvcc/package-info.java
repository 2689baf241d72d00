/**
 * Key-values with history: put, delete, range, transaction, compaction, and what happened when.
 *
 * <p>Writes come from {@code apply} through a storage session. Reads come from request threads and see a RocksDB
 * snapshot. Events leave towards {@code watch} as {@link io.keelson.kvstore.mvcc.RevisionEvents}, one per revision.
 */
@NullMarked
package io.keelson.kvstore.mvcc;

import org.jspecify.annotations.NullMarked;
