/**
 * The state of a member on disk: one RocksDB with a column family per {@link io.keelson.kvstore.storage.Table}, written
 * only by the apply thread through a {@link io.keelson.kvstore.storage.Session}, read by anyone through views.
 *
 * <p>There is no RocksDB write-ahead log: the replicated log is one already. A batch is one atomic write over all tables
 * and carries the index of the log entry it ends with, and all tables are flushed atomically, so whatever a crash leaves
 * is the state after some entry, and the log delivers exactly what is missing.
 */
@NullMarked
package io.keelson.kvstore.storage;

import org.jspecify.annotations.NullMarked;
