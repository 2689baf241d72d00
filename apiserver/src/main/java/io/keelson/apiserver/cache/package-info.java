/**
 * What reads come from: of each resource, every object as it is now and what happened to it lately, in memory, kept by one
 * list and one watch of the store.
 *
 * <pre>
 *   store ──list──► EntryFactory ─► CacheEntry ─► KeyTree ──► CacheSnapshot ──► get, list (in pages)
 *         ──watch─►  decode once     bytes         persistent,                   one revision, never changes
 *            │       encode once                   one root for each event
 *            │                                          ▲
 *            └──► ResourceCache ──► RecentEvents ───────┘
 *                       │            what to catch up from
 *                       └──► Watchers ──► CacheWatch (queue) ──► filter on the reader's own thread
 *                            whom it may interest
 * </pre>
 *
 * <p><b>Reads</b> take a {@link io.keelson.apiserver.cache.CacheSnapshot}: a root of a persistent tree and its revision. It
 * costs nothing, never changes, and holds up nobody. Each recent event keeps the root that it led to, so a list can be
 * continued at the revision it began at.
 *
 * <p><b>Watches</b> get references to events that all share. A watch has a small queue; when that is full, it gets nothing
 * more and holds nothing more, and once it has emptied its queue it catches up from the recent events. Only a watch
 * that is so slow that those have moved on ends, as expired.
 *
 * <p><b>What a watch may rely on.</b> Its events come in the order of their revisions; none is lost between two that came,
 * and none comes twice; a bookmark of revision r means that everything up to r has come. When the cache has to be loaded
 * anew, because the store has forgotten what it missed, all its watches end: their clients list again.
 *
 * <p><b>Forms.</b> Whoever wants an object as it is cached, as JSON in the version it is worked on in, is sent the bytes of its
 * entry. Whoever wants it in another form (another version, protobuf, its metadata alone) is sent bytes that the first
 * one to ask has encoded; each cache holds those that were made last, up to a bound. Objects that are told all at once (a list,
 * what a watch begins with) are not held, or they would push out what many watches are just being told.
 *
 * <p><b>Freshness.</b> A consistent read asks the store for its revision, and the stream of the watch for a report of
 * progress, and waits until the cache has come that far.
 *
 * <p><b>Trust.</b> Every few minutes {@link io.keelson.apiserver.cache.ConsistencyChecks} has each cache held against the
 * store: all keys, with their revisions. After a difference, states of the past are read from the store, until there is none
 * any more.
 *
 * <p>Entry: {@link io.keelson.apiserver.cache.ResourceCaches}, one for a store, which opens a {@link
 * io.keelson.apiserver.cache.ResourceCache} for each resource.
 */
@NullMarked
package io.keelson.apiserver.cache;

import org.jspecify.annotations.NullMarked;
