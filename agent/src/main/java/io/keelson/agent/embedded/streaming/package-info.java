/**
 * Streams to containers, for those who were given a URL by {@code Exec}, {@code Attach} or {@code PortForward}. The
 * server listens on a loopback address; a URL has a random token, which is good once and for a minute.
 *
 * <pre>
 *   request ──► {@link io.keelson.agent.embedded.streaming.StreamingServer} ── token ──► URL to the caller
 *   client  ──► HTTP head ── token, protocol ─┬─► WebSocket ─┬─► ChannelSession (v5, v4) ───┐
 *                                             │              └─► PortForwardSession (v4) ───┤
 *                                             └─► SPDY ──────┬─► SpdyProcessSession (v4) ───┼──► ProcessStreams
 *                                                            └─► SpdyPortForwardSession ────┘
 * </pre>
 *
 * <p>Each connection has a virtual thread for what goes to the client and one for what comes from it. Both write and
 * read blocking, so who is slow slows down the other side and holds one message meanwhile.
 */
@NullMarked
package io.keelson.agent.embedded.streaming;

import org.jspecify.annotations.NullMarked;
