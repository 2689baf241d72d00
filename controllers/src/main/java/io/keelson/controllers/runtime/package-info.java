/**
 * What every control loop stands on. The API's objects come in through {@link io.keelson.controllers.runtime.Caches}, one
 * informer a kind however many loops look at it; a change becomes {@linkplain io.keelson.controllers.runtime.Key keys} in
 * the {@link io.keelson.controllers.runtime.WorkQueue} of each loop that is concerned; workers, each a virtual thread, take
 * a key and call {@link io.keelson.controllers.runtime.Controller#reconcile}, which reads the caches, computes, and writes
 * the difference through the client.
 *
 * <pre>
 *   API ──watch──► Caches ──change──► keys ──► WorkQueue ──key──► workers ──► reconcile ──write──► API
 *                     ▲                           ▲   backoff, delays  │
 *                     └──────── reads ────────────┴────────────────────┘
 * </pre>
 *
 * <p>A cache is behind the API by as long as a watch takes. So a reconcile must be right if it runs twice, late, or on an
 * old picture; one that counts what it creates says so to {@link io.keelson.controllers.runtime.Expectations} and waits
 * until the cache has seen it. Nothing in here knows a certain kind of object.
 */
@NullMarked
package io.keelson.controllers.runtime;

import org.jspecify.annotations.NullMarked;
