/**
 * Storage plugins on this node, by the Container Storage Interface. {@link io.keelson.agent.volumes.csi.CsiDrivers}
 * knows which plugin answers on which socket, as it has registered; {@link io.keelson.agent.volumes.csi.CsiDriver} is
 * what a plugin can be asked. What is asked when, and what of it is noted on disk, is the business of {@link
 * io.keelson.agent.volumes}.
 */
@NullMarked
package io.keelson.agent.volumes.csi;

import org.jspecify.annotations.NullMarked;
