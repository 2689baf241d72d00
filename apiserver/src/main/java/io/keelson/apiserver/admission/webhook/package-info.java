/**
 * Admission by webhooks: others are asked over HTTPS whether a write is to be admitted, and may change what is written.
 *
 * <pre>
 * configuration ──► WebhookSource ──► Webhook (rules, policy, whom to call)
 *                                        │ RequestMatcher: is it for this request, in which version?
 * AdmissionRequest ──────────────────────┤
 *                                        ▼
 *                                    WebhookCall ──► AdmissionReviews ──► WebhookClient
 *                                        │ Verdict
 *                                        ▼
 *                   MutatingAdmissionWebhook (one after the other; patches; second round)
 *                   ValidatingAdmissionWebhook (side by side)
 * </pre>
 *
 * <p>A webhook that cannot be called, or whose answer makes no sense, refuses the write unless its configuration says that
 * it may be ignored. One that says no is always obeyed. {@link WebhookMetrics} counts what comes of the calls.
 */
@NullMarked
package io.keelson.apiserver.admission.webhook;

import org.jspecify.annotations.NullMarked;
