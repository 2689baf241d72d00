/**
 * Resource quotas: how much a namespace may have in all.
 *
 * <p>A write that needs something is a {@link io.keelson.apiserver.admission.quota.Claim}. What an object needs, and which
 * of it a quota is about, says an {@link io.keelson.apiserver.admission.quota.Evaluator} for its kind. Which quotas there are
 * says {@link io.keelson.apiserver.admission.quota.NamespaceQuotas}, also of one that was made a moment ago. The {@link
 * io.keelson.apiserver.admission.quota.QuotaLedger} adds it to {@code status.used} of every quota concerned, by
 * compare-and-put in the store, before the object is written; so usage never exceeds what is allowed, however many servers
 * write at the same time. If the write comes to nothing it is taken away again. What deletions free, a controller finds out:
 * it counts anew from time to time and keeps {@code status.hard}, without which nothing is limited.
 */
@NullMarked
package io.keelson.apiserver.admission.quota;

import org.jspecify.annotations.NullMarked;
