/**
 * A cluster without machines: hollow nodes and pods, which are there for the API alone. {@code keelson nodes simulate} runs
 * thousands of them in one process, so that a large cluster can be rehearsed on a small machine.
 *
 * <pre>
 *   {@link io.keelson.controllers.hollow.NodePlayer} ──Node, Lease, status──► API ──watch of pods──┐
 *                                                            ▲                       ▼
 *                                                            └──status, deletion── {@link io.keelson.controllers.hollow.PodPlayer}
 * </pre>
 *
 * <p>What happens to a pod is a pure function of what the API says of it, the rule that it falls under and the time: {@link
 * io.keelson.controllers.hollow.PodScript}. So a process that is started anew goes on where the last one was. Rules come from
 * YAML ({@link io.keelson.controllers.hollow.PodRules}).
 *
 * <p>Volumes that are directories of hollow nodes go when they are deleted: {@link
 * io.keelson.controllers.hollow.VolumePlayer} does what the agent of a node would.
 *
 * <p>What pods use is in their rules too ({@link io.keelson.controllers.hollow.UsageCurve}). Who asks the API for metrics of
 * resources is passed on to this process, if it is to serve them ({@link io.keelson.controllers.hollow.AggregatedApi},
 * {@link io.keelson.controllers.hollow.ResourceMetrics}).
 *
 * <p>Size: of each pod on its nodes it keeps some 650 bytes: a {@link io.keelson.controllers.hollow.PodView}, when
 * things happened to it, and its address; of all other pods the name and version only, 250 bytes. What pods of a
 * template have in common is held once, their labels as well if it serves metrics. Of a node it keeps its Lease, some
 * two kilobytes. So 5,000 nodes with 150,000 pods take about 110 MB. Leases are renewed every ten seconds, spread
 * evenly over them.
 */
@NullMarked
package io.keelson.controllers.hollow;

import org.jspecify.annotations.NullMarked;
