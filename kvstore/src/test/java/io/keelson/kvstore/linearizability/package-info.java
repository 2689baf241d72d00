/**
 * Was what clients saw possible? Concurrent histories of operations on keys, and judges of them: {@link
 * io.keelson.kvstore.linearizability.LinearizabilityChecker} looks at values alone and searches for an order of the
 * operations that explains them; {@link io.keelson.kvstore.linearizability.RevisionChecker} takes the revisions the
 * server claims as that order and holds every answer against it; {@link io.keelson.kvstore.linearizability.CompactionChecker} holds
 * reads of the past against what was compacted.
 */
@NullMarked
package io.keelson.kvstore.linearizability;

import org.jspecify.annotations.NullMarked;
