/**
 * Where Services lead. What is to be called names a port of a Service ({@link io.keelson.apiserver.routing.ServicePort});
 * {@link io.keelson.apiserver.routing.ServiceRouting} says what to connect to for it: the cluster address, an endpoint, or
 * what an external name stands for. Nobody is connected to here, and nothing is remembered: Services and EndpointSlices are
 * looked up each time, as the caches have them. For whoever calls out of this server by way of a Service: webhooks,
 * aggregated API servers, and the {@code proxy} of Services, which wants endpoints only
 * ({@link io.keelson.apiserver.routing.ServiceEndpoints}).
 */
@NullMarked
package io.keelson.apiserver.routing;

import org.jspecify.annotations.NullMarked;
