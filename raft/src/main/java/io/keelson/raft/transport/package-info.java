/**
 * The wire between members: one long-lived gRPC stream per pair of members and direction, on which requests travel in
 * order and answers come back as they are ready.
 *
 * <pre>
 *   member A                                       member B
 *   PeerLink ──Connect──► Hello, Request, Request … ─► InboundStream ──► PeerHandler by method
 *            ◄─────────── Hello, Response, …       ◄──
 * </pre>
 *
 * <p>{@link io.keelson.raft.transport.PeerTransport} is the door: what the consensus says, what forwards commands and
 * what other parts of a member ask each other all goes through it. Members are named by id; where an id is reached is
 * in the transport's address book and may change at any time. Nothing here knows the consensus library.
 */
@NullMarked
package io.keelson.raft.transport;

import org.jspecify.annotations.NullMarked;
