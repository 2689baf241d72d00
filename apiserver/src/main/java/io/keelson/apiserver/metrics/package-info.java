/**
 * What the server counts and measures, under kube-apiserver's names. {@link RequestMetrics} stands before all other
 * filters and sees every request and its answer; {@link AccessMetrics} and {@link AdmissionMetrics} wrap the parts they
 * measure; {@link StoreMetrics} is told of requests to the store; {@link CacheMetrics} looks at the caches when somebody
 * asks. Labels come from the kinds that are served and never from what a client writes, so their number is bounded. The
 * numbers are kept and written by the {@link io.keelson.kvstore.metrics.Metrics} of the store.
 */
@NullMarked
package io.keelson.apiserver.metrics;

import org.jspecify.annotations.NullMarked;
