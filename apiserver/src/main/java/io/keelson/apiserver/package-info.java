/**
 * A Kubernetes API server on an etcd v3 store. Programs and tests that want one in their own process start a {@link
 * io.keelson.apiserver.KeelsonServer}, which is all that they need to know of it.
 *
 * <p>The road of a request, one room after the other:
 *
 * <pre>
 * http ──► request ──► authn ──► audit ──► fairness ──► authz ──► rest ──► admission ──► resource (strategy) ──► store
 *  TLS      what is     who       written   may it        may     decode,    may change      what the kind        etcd v3
 *  HTTP     asked for   asks      down      begin         they    patch      and refuse      itself demands
 *                                                          │        │
 *                                                          │        ├──► cache ──► lists and watches, bytes encoded once
 *                                                          │        └──► proxy ──► nodes and pods: logs, streams
 *                                                          └──► aggregation ──► API servers behind this one
 * </pre>
 *
 * <p>Every kind, built in or from a CustomResourceDefinition, is a {@link io.keelson.apiserver.resource.Resource}: data
 * and a small strategy. Objects are JSON trees ({@code object}) that are checked against a {@code schema}; there are no
 * generated classes. A tree that was stored or is in a cache is never changed: whoever wants to change one copies it.
 *
 * <p>Requests are handled by blocking code on virtual threads; only {@code http} knows event loops.
 */
@NullMarked
package io.keelson.apiserver;

import org.jspecify.annotations.NullMarked;
