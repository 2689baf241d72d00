/**
 * Members are hurt while clients work, and afterwards everything anybody was told is held against what is there.
 *
 * <p>{@link io.keelson.kvstore.faults.MemberProcess} is one server process; {@link
 * io.keelson.kvstore.faults.ClusterProcesses} three of them; {@link io.keelson.kvstore.faults.Fault} what can be done to
 * them; {@link io.keelson.kvstore.faults.Clients} read and write meanwhile and keep a history, {@link
 * io.keelson.kvstore.faults.LockClients} take a lock in turn, and {@link io.keelson.kvstore.faults.Compactions} drop the past;
 * {@link io.keelson.kvstore.faults.FaultRun} puts it together, and it, {@link io.keelson.kvstore.faults.WatchJudge} and {@link
 * io.keelson.kvstore.faults.LockJudge} judge.
 *
 * <p>The run of the API server's faults hurts the same members and holds what its clients saw against what an {@link
 * io.keelson.kvstore.faults.EventRecorder} saw.
 *
 * <p>All of it runs in a network namespace of its own with nothing but a loopback device, so that a partition is a set of
 * rules there and no packet can leave.
 */
@NullMarked
package io.keelson.kvstore.faults;

import org.jspecify.annotations.NullMarked;
