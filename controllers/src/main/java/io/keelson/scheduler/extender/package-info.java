/**
 * Processes that a scheduler asks over HTTP, by the extender API of kube-scheduler, version 1: which nodes can take a pod,
 * which are better, whom to evict, and to bind. {@link io.keelson.scheduler.extender.HttpExtender} speaks to one, and waits
 * for it: so it is called by threads that may wait, never by the one that owns the state. {@link
 * io.keelson.scheduler.extender.Extenders} asks all of them in order. What they answer is not trusted: it has a size and a time
 * that it must not exceed, and says nothing about what was not asked.
 */
@NullMarked
package io.keelson.scheduler.extender;

import org.jspecify.annotations.NullMarked;
