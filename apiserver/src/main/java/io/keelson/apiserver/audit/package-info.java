/**
 * The audit log: who asked for what, when, and what came of it, as a policy says how much of it is to be written down.
 *
 * <pre>
 *   AuditFilter ── AuditPolicy: at which level, at which stages?
 *       │ AuditRecord (one request: fills in as it goes, see request.AuditTrail)
 *       ▼ AuditEvent (one stage of it; never changes)
 *   Sink ──┬─ BlockingSink ─┐
 *          └─ BatchingSink ─┤ bounded queue; what does not fit is dropped and counted
 *                           ▼
 *             Truncation ─► Backend ─┬─ LogBackend ──► RotatingFile, standard output
 *                                    └─ WebhookBackend ──► RemoteCalls
 * </pre>
 *
 * <p>A request waits for its events to be stored in the modes {@code blocking} and {@code blocking-strict} only, and fails
 * because they could not be in the latter only, before anything of it is done. {@link
 * io.keelson.apiserver.audit.AuditLog} puts it together; where there is none, requests pass without a look.
 */
@NullMarked
package io.keelson.apiserver.audit;

import org.jspecify.annotations.NullMarked;
