/**
 * Volumes on the node's own disk for claims, the provisioner {@code keelson.io/local}: what a cluster without storage of its own
 * has as its default class.
 *
 * <pre>
 *   claims whose pod got this node ──► {@link io.keelson.agent.storage.LocalVolumes} ──► a folder, and a volume on this node
 *   volumes of ours that are released ──►      │                ──► the folder goes, then the volume
 *                             {@link io.keelson.agent.storage.LocalVolume}  what such a volume is, and whether one is ours
 * </pre>
 *
 * <p>The folder is made before the volume, and removed before it, so that none is left whoever dies when: a volume's name is that
 * of its folder, and follows from the claim's uid. How much a volume may take is not enforced; it is the disk that limits it.
 */
@NullMarked
package io.keelson.agent.storage;

import org.jspecify.annotations.NullMarked;
