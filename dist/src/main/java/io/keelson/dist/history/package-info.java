/**
 * The past of a cluster: {@code keelson history}, {@code get --at}, {@code diff} and {@code restore}. The store keeps every
 * revision until it is compacted, and an API server lists objects as they were at a resource version
 * ({@code resourceVersionMatch=Exact}); nothing else is asked for here, so it works with any API server, as far back as its
 * store has not been compacted.
 *
 * <pre>
 *   deploy/web ─► {@link io.keelson.dist.history.ResourceNames} ─► which kind
 *   -10m       ─► {@link io.keelson.dist.history.Moments} ─► which resource version
 *                 {@link io.keelson.dist.history.Past} ─► the object, or the list, as it was then
 * </pre>
 *
 * <p>Moments are found by what each API server writes every ten seconds, its Lease in {@code kube-system}: the Lease as it was
 * at a resource version says what time it was then.
 */
@NullMarked
package io.keelson.dist.history;

import org.jspecify.annotations.NullMarked;
