/**
 * Which nodes can take a pod by its volumes, and the volumes that it gets there.
 *
 * <pre>
 *   API ──watch──► StorageState ──► VolumeRestrictions, NodeVolumeLimits, VolumeZone: yes or no
 *                    ▲      │
 *                    │      └─────► PodClaims ──► VolumeFinder (pod, node) ──► NodeVolumes
 *                    │                                                          │
 *                    └──── assumed ◄──── VolumeBinding.reserve ◄────────────────┘
 *                                             │
 *                                       VolumeReservation ──claimRef, selected-node──► API, and waits
 * </pre>
 *
 * <p>{@link io.keelson.scheduler.volumes.StorageState} holds what the API has told, and over it what was decided since: a
 * volume that was chosen for a claim names that claim from then on, and a claim whose volume is to be made for a node names
 * that node, so that no later decision takes either for another pod. What was decided goes when the API tells something newer
 * of the object, or when the pod does not get there after all. If a decision was made on something stale, the write of it
 * fails, as it is for the version that was seen.
 *
 * <p>A chosen volume is written as naming its claim, and the rest of the binding is the volume binder's; a volume that is to
 * be made is asked for by an annotation of the claim, and made by its provisioner. {@link
 * io.keelson.scheduler.volumes.VolumeReservation} waits for both, on a thread of its own, before the pod is bound.
 *
 * <p>All but the reservation runs on the thread that owns the scheduler's state, without I/O.
 */
@NullMarked
package io.keelson.scheduler.volumes;

import org.jspecify.annotations.NullMarked;
