/**
 * What the log promises, as tests: several members in one process over loopback, with real files.
 *
 * <p>{@link io.keelson.raft.TestCluster} makes and breaks members, {@link io.keelson.raft.ListMachine} is the state
 * machine: a list of the commands it was given, in order.
 */
@NullMarked
package io.keelson.raft;

import org.jspecify.annotations.NullMarked;
