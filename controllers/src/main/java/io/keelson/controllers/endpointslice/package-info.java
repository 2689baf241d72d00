/**
 * The room that says where a Service's traffic can go: EndpointSlices, made from the pods that the Service selects.
 *
 * <pre>
 *   pods, nodes ──► PodEndpoints ──► endpoints by address family and port set
 *                                              │
 *   slices there are ─────────────► SlicePlanner (Filling) ──► SlicePlan ──► hints ──► SliceWriter ──► API
 * </pre>
 *
 * <p>A slice has one family and one set of ports, and at most a hundred endpoints. What is there is kept where it is, so that
 * few slices are written when a pod comes or goes: each write goes to every node of the cluster. Hints, which say to which
 * zones or nodes an endpoint is to be offered, are put into the plan last, by {@link
 * io.keelson.controllers.endpointslice.TopologyHints} or {@link io.keelson.controllers.endpointslice.TrafficHints}.
 */
@NullMarked
package io.keelson.controllers.endpointslice;

import org.jspecify.annotations.NullMarked;
