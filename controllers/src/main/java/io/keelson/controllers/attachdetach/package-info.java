/**
 * Attaches the volumes of CSI drivers to the nodes of the pods that want them, and detaches them when no pod does. What is
 * attached is said by VolumeAttachment objects; the driver's attacher does the work and says when it is done.
 *
 * <pre>
 *   pods of a node ─► {@link io.keelson.controllers.attachdetach.WantedVolumes} ─┐
 *   VolumeAttachments of the node ──────────────────────────────────────────────┼► {@link io.keelson.controllers.attachdetach.NodePlan} ─► 1. create attachments
 *   the node's volumesInUse, Ready, taints ─────────────────────────────────────┘               2. node.status.volumesAttached
 *                                                                                               3. delete attachments
 * </pre>
 *
 * <p>The key is a node. Its agent mounts only what {@code volumesAttached} names, and names what it has mounted in {@code
 * volumesInUse}. So a volume is first taken out of the one, then the live node is asked for the other, and only then it is
 * detached: pulling a disk from under a mounted filesystem destroys data. It is done all the same if the node has the taint
 * {@code node.kubernetes.io/out-of-service}, or is not ready and has not let go within six minutes.
 *
 * <p>Only nodes with the annotation {@code volumes.kubernetes.io/controller-managed-attach-detach: "true"} are dealt with,
 * only volumes with a {@code csi} source (those of former in-tree drivers are not), and only attachments that bear the name
 * which follows from driver, volume and node. How long a volume is awaited and what was told is not stored: a process that
 * takes over waits six minutes anew.
 */
@NullMarked
package io.keelson.controllers.attachdetach;

import org.jspecify.annotations.NullMarked;
