/**
 * Jobs: pods that are to end, and are counted when they do. In come Jobs and pods out of caches; out go pods, the
 * finalizer of pods, and the status of Jobs. {@link io.keelson.controllers.job.JobController} does all that speaks to
 * the API; what it is to write is computed beside it, from what is seen and nothing else:
 *
 * <pre>
 *   Job, its pods ──► JobPicture ──► JobEnd      has it ended, and why?
 *                         │
 *                         ├────────► PodDemand   which pods are to be made or deleted?
 *                         │
 *                         └────────► JobLedger   which pods count from now on, and what does the status say?
 * </pre>
 *
 * <p>Each pod counts exactly once, whatever crashes when. It is made with the finalizer {@code
 * batch.kubernetes.io/job-tracking}, so it cannot vanish before it was counted. When it has ended, its uid is written
 * into {@code status.uncountedTerminatedPods}, then it loses the finalizer, then one write takes the uid away and
 * raises the counter. At whatever step that ends, the next one sees which it was: a uid with a pod that has the
 * finalizer (take it away), or without (raise the counter). The pods of an index need no uid: that their index is in
 * {@code completedIndexes} says that they were counted.
 */
@NullMarked
package io.keelson.controllers.job;

import org.jspecify.annotations.NullMarked;
