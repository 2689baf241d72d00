/**
 * Deletes objects whose owners are gone, and lets owners wait for their dependents, or set them free.
 *
 * <p>{@link io.keelson.controllers.garbagecollector.Monitors} follow the metadata of every kind that can be deleted,
 * and see new kinds within half a minute. What they are told goes into the {@link
 * io.keelson.controllers.garbagecollector.Graph}: who is whose, by uid. A change in it that may have consequences
 * brings a uid into the queue; the worker that takes it looks at the object and its owners as they are in the API now,
 * {@link io.keelson.controllers.garbagecollector.Verdict} says what follows, and the worker does it.
 *
 * <pre>
 *   API ──metadata──► Monitors ──► Graph ──uids──► queue ──► Collector ──reads, deletes, patches──► API
 *                                    ▲                          │
 *                                    └── this one never was ────┘
 * </pre>
 *
 * <p>The graph may be behind, or not know an owner yet: nothing is deleted for what is in it alone. An owner that is
 * named and not known is in it all the same, as one that has not been <em>observed</em>; it is looked for, and if it is
 * not there, its dependents are looked at.
 */
@NullMarked
package io.keelson.controllers.garbagecollector;

import org.jspecify.annotations.NullMarked;
