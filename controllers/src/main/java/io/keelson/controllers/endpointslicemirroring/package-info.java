/**
 * The room that copies Endpoints which users make, for Services without a selector, into EndpointSlices, so that everybody
 * else has to look at slices only. An Endpoints object comes in; {@link io.keelson.controllers.endpointslicemirroring.Mirror}
 * makes one slice for each family and set of ports and compares them with those there are; the difference is written by the
 * writer of the room next door, {@link io.keelson.controllers.endpointslice}.
 */
@NullMarked
package io.keelson.controllers.endpointslicemirroring;

import org.jspecify.annotations.NullMarked;
