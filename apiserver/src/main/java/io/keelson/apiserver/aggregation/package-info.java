/**
 * API servers behind this one: whoever registers an {@code APIService} with a Service in it has the requests for its group
 * and version passed on to that.
 *
 * <pre>
 * APIService ──► ApiServices ──► AggregatedServer, one for each that is somewhere else
 *                     │              ├─► Availability: is it there? ──► status of the APIService, AvailabilityMetrics
 *                     │              └─► RemoteDocuments: what it serves ──► discovery, OpenAPI
 *                     ▼
 * request ──► AggregationFilter ──► routing (where) ──► Forwarding, with IdentityHeaders (who)
 *
 * ResourceRegistry ──► Registration: an APIService for everything that is served here
 * </pre>
 *
 * <p>A server behind this one is told who asks in headers which it believes because this one shows the certificate of a
 * front proxy. It never sees what the client has shown. Its redirects are refused, its answers bounded where they are read
 * here, and passed on as they come where they are not.
 */
@NullMarked
package io.keelson.apiserver.aggregation;

import org.jspecify.annotations.NullMarked;
