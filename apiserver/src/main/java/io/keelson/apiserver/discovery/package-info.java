/**
 * What clients ask to find out what is served: the documents under {@code /api} and {@code /apis}, in the old form (one
 * for each group and version) and in the aggregated one ({@code apidiscovery.k8s.io/v2}). They are made from a snapshot of
 * the registry, once for each of its changes, and sent as they are.
 */
@NullMarked
package io.keelson.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
