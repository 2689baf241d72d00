/**
 * Which pod is decided on next. A pod that is to be scheduled comes into the {@link
 * io.keelson.scheduler.queue.SchedulingQueue}; it is taken out, and either bound, or comes back because a decision rejected it
 * or its binding failed. What was rejected waits until a {@link io.keelson.scheduler.queue.ClusterEvent} could make it
 * possible, as {@link io.keelson.scheduler.queue.Hints} say, and does not come back earlier than its backoff lets it.
 *
 * <p>Nothing in here does I/O or asks a clock; one thread owns a queue.
 */
@NullMarked
package io.keelson.scheduler.queue;

import org.jspecify.annotations.NullMarked;
