/**
 * A whole control plane is hurt while clients work, and afterwards everything anybody was told is held against the history
 * of the store.
 *
 * <pre>
 *  ControlPlaneProcesses   three members of a store and two API servers, each a process
 *       ▲ ApiFault         what is done to them
 *       │
 *  ApiConnection ◄── ApiClients   create, change, apply, delete, read and list ──► Attempt
 *                ◄── Informer     lists and watches, and resumes                ──► Told
 *                ◄── ReadinessWatch  asks /readyz                               ──► its answers
 *  the store     ◄── EventRecorder   of the store's own suite                   ──► StoreHistory
 *                                                                                      │
 *                       ApiFaultRun puts it together, and Judge holds one against the other
 * </pre>
 *
 * <p>The judgement is simple because the history of the store is known: a revision orders everything. A write that was
 * acknowledged is there at its revision; a read showed a state that was still the newest at some moment not before the read
 * began; a list is the state at its revision; a watch is the history, piece by piece. {@link
 * io.keelson.dist.faults.Judge} says each rule.
 */
@NullMarked
package io.keelson.dist.faults;

import org.jspecify.annotations.NullMarked;
