/**
 * The same random calls to a real etcd and to Keelson, and every answer compared.
 *
 * <p>{@link io.keelson.kvstore.differential.RandomCalls} draws calls from a seed; {@link
 * io.keelson.kvstore.differential.Subject} carries them out on one server; {@link
 * io.keelson.kvstore.differential.Difference} compares the two transcripts call by call and watch by watch.
 */
@NullMarked
package io.keelson.kvstore.differential;

import org.jspecify.annotations.NullMarked;
