/**
 * One replicated, ordered, durable log of opaque commands, and the contract of the state machine that consumes it.
 *
 * <p>A command enters through {@link io.keelson.raft.RaftNode#propose}, on any member. A member that does not lead sends
 * it on to the leader, many in one message. The leader packs what is waiting into one log entry, replicates it, and once
 * a majority has it on disk every member hands it to its {@link io.keelson.raft.StateMachine}, in the same order
 * everywhere. The member that the command was proposed on finds its proposer again and gives it the result of its own
 * state machine.
 *
 * <p>A read enters through {@link io.keelson.raft.RaftNode#readPoint()}: it waits, together with all others that wait at
 * that moment, for one proof that the leader still led, and then for the local state machine to have applied what was
 * committed by then.
 *
 * <p>The consensus itself is sofa-jraft's. It lives under {@code io.keelson.raft.jraft} and shows nowhere else: no type
 * of it appears in a signature of this package.
 */
@NullMarked
package io.keelson.raft;

import org.jspecify.annotations.NullMarked;
