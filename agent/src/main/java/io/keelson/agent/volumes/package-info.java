/**
 * The files that pods see besides those of their images. {@link io.keelson.agent.volumes.NodeVolumes} is what a pod's
 * worker asks: to make all volumes of a pod, to say what a container mounts, to take all away.
 *
 * <pre>
 *   mount(pod) ──► VolumeMaker ──► EmptyDirs       disk, memory, huge pages
 *                      │      ──► ProjectedFiles  config maps, secrets, tokens, fields, certificates ──► AtomicFiles
 *                      │      ──► HostPaths       what the node has there
 *                      │      ──► ClaimedVolumes  ──► NodeDisks (local, hostPath, nfs),
 *                      │                          ──► CsiVolumes ──► {@link io.keelson.agent.volumes.csi}
 *                      ▼
 *                pods/UID/volumes/kubernetes.io~KIND/NAME
 *                      │
 *   mounts(container) ─┴─► ContainerMounts ──► SubPaths   parts of volumes, bound by descriptor
 *   unmount(uid) ────────► PodTearDown                    what is there, by the folders and the kernel's list of mounts
 * </pre>
 *
 * <p>Three rules hold throughout. Nothing in memory is needed to take a volume away: folders and the kernel's list of
 * mounts say what there is, and what a storage plugin is asked is noted before. A pod may change what is in its
 * volumes while it is looked at: the way into a volume goes by descriptors ({@link
 * io.keelson.agent.volumes.Descriptor}), never twice by the same path. Nothing is deleted before the kernel says that
 * nothing is mounted there, and then no link is followed.
 *
 * <p>Files of config maps, secrets, tokens and the like are brought up to date by each
 * {@link io.keelson.agent.volumes.NodeVolumes#mount}; when one changes in the API,
 * {@link io.keelson.agent.environment.ReferencedObjects#onChange} says whose worker had better come at once.
 */
@NullMarked
package io.keelson.agent.volumes;

import org.jspecify.annotations.NullMarked;
