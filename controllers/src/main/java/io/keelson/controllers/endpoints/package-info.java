/**
 * The room that keeps the older answer to where a Service's traffic can go: one Endpoints object for each Service that selects
 * pods, for those who still read it. A Service and its pods come in; {@link
 * io.keelson.controllers.endpoints.ServiceSubsets} makes {@linkplain io.keelson.controllers.endpoints.Subset subsets} of them,
 * which are brought into one canonical form, cut off at a thousand addresses, compared with those that the object has, and
 * written if they differ.
 */
@NullMarked
package io.keelson.controllers.endpoints;

import org.jspecify.annotations.NullMarked;
