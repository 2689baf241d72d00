/**
 * Devices that pods claim (dynamic resource allocation): the scheduler has chosen them, and their drivers on this node
 * make them ready before a pod's sandbox is made, and take them back when nothing of the pod is left.
 *
 * <pre>
 *   {@link io.keelson.agent.claims.ClaimResources}   where pods come along
 *     {@link io.keelson.agent.claims.NodeClaims}     which claims of a pod have to be made ready, or taken back
 *       {@link io.keelson.agent.claims.ClaimBook}    what has been, for which pods: {@code dra_manager_state}
 *       {@link io.keelson.agent.claims.DraDrivers}   who does it: the drivers that have registered
 *         {@link io.keelson.agent.claims.DriverHealth} how its devices are, as a driver says: in the status of pods
 * </pre>
 *
 * <p>That a pod uses a claim is on the disk before its driver is asked: whenever the agent dies, the next one takes
 * back what was made ready. Drivers may be asked the same again, as their interface demands.
 */
@NullMarked
package io.keelson.agent.claims;

import org.jspecify.annotations.NullMarked;
