/**
 * An etcd v3 server: key-values with history on RocksDB, replicated by {@code io.keelson.raft}, and its command line.
 *
 * <p>The way of a write: {@code server} parses and checks a request and proposes it as a command; the log brings it to
 * {@code apply} on every member, which carries it out against {@code mvcc}, {@code lease}, {@code auth} and {@code
 * membership}, all of them writing through one {@code storage} session, so that one atomic RocksDB write holds a whole
 * batch of commands together with the index of its last log entry. The events of the batch go to {@code watch}.
 *
 * <p>The way of a read: {@code server} waits for a read point (unless the read is serializable) and then reads a
 * RocksDB snapshot through {@code mvcc}, on its own thread, without meeting the writer.
 */
@NullMarked
package io.keelson.kvstore;

import org.jspecify.annotations.NullMarked;
