/**
 * Who is told what: from the events of each batch to the watches whose range they touch; in order, without loss or
 * repetition, and within bounds.
 *
 * <pre>
 *   apply thread           dispatcher (one thread)                        transport
 *  ──────────────►  window ───────► index of ranges ─► group ─► watches ─► stream ─► client
 *   never waits    (bounded)                                      ▲
 *                                            readers (a few) ─────┘
 *                                     store ──►  for watches behind the window
 * </pre>
 *
 * <p><b>In.</b> The apply thread hands each committed revision to {@link io.keelson.kvstore.watch.WatchHub}, which puts
 * it into the {@link io.keelson.kvstore.watch.EventWindow}, a ring bounded in revisions and bytes, and returns. The
 * oldest revisions fall out; nobody is waited for.
 *
 * <p><b>Out.</b> The {@link io.keelson.kvstore.watch.Dispatcher} owns every watch. It takes the new revisions, finds the
 * groups of watches with one interest (range, previous values, filters) through a {@link
 * io.keelson.kvstore.watch.RangeIndex}, and sends each up-to-date watch one response with all of it. An event is encoded
 * once; a response is a head of some thirty bytes and references to those bytes. A watch nothing happens to costs nothing.
 *
 * <p><b>Slow.</b> A stream that is not ready is sent nothing and keeps nothing: each of its watches that misses an event
 * only notes the revision from which it has to go on. When the stream is ready, it gets a turn: its watches are served
 * from the window, or, where that has moved on, by a {@link io.keelson.kvstore.watch.HistoryRead} of the store, bounded
 * in size, shared with other watches about as far behind. A watch whose next revision has been compacted is canceled
 * with the compact revision.
 *
 * <p><b>What a watch may rely on</b>, in etcd's words. Ordered: its events come by revision. Unique: none comes twice.
 * Reliable: none is missing between two that came. Atomic: the events of a revision come in one response, or in fragments
 * of one. Resumable: a watch created with the revision after the last one received continues it. Bookmarkable: after a
 * progress report of revision r, no event of a revision up to r comes. Who breaks one of these is found by {@code
 * WatchValidator} among the tests.
 *
 * <p>The server, and whoever embeds it, comes in through {@link io.keelson.kvstore.watch.WatchHub} and {@link
 * io.keelson.kvstore.watch.WatchStream}; clients on the wire through {@link io.keelson.kvstore.watch.WatchService}.
 */
@NullMarked
package io.keelson.kvstore.watch;

import org.jspecify.annotations.NullMarked;
