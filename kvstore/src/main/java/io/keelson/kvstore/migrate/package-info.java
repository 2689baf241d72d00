/**
 * From etcd's data to ours and back.
 *
 * <p>In: {@link io.keelson.kvstore.migrate.Restore} reads an etcd snapshot, or the file of a stopped member, through
 * {@code bolt}, and writes a new data folder with the same keys, history, leases, users and alarms. {@code keelson kv
 * migrate} and {@code keelson kv snapshot restore} are both that.
 *
 * <p>Out: {@link io.keelson.kvstore.migrate.SnapshotExport} turns a consistent view of the store into such a file, as a
 * stream. It is what {@code Maintenance.Snapshot} sends: {@code etcdctl snapshot save} writes it to disk, and both {@code
 * keelson kv snapshot restore} and etcdutl restore it. So a snapshot is also the way back to etcd.
 */
@NullMarked
package io.keelson.kvstore.migrate;

import org.jspecify.annotations.NullMarked;
