/**
 * {@link io.keelson.raft.RaftNode} on top of sofa-jraft. The consensus library shows nowhere else.
 *
 * <pre>
 *   propose ──► Proposals ──(leader)── entry ──► jraft ──► disk and followers ──► jraft ──► LogApplier ──► StateMachine
 *                   │                                                              │
 *                   └─(follower)── parcel ──► leader's Proposals       Proposals ◄─┘ ──► ResultThread ──► futures
 *
 *   readPoint ──► ReadRounds ──(leader)── one heartbeat round ──► index ──► wait until LogApplier is there
 *                     └──(follower)── ask the leader ──────────────┘
 * </pre>
 *
 * <p>{@link io.keelson.raft.jraft.JRaftNode} assembles the pieces. {@code PeerRpcFactory} and its neighbours are what
 * jraft asks for when it wants to talk to another member; {@code MemberOptions} carries everything that belongs to one
 * member through the library, which has globals of its own, so that several members can live in one process.
 */
@NullMarked
package io.keelson.raft.jraft;

import org.jspecify.annotations.NullMarked;
