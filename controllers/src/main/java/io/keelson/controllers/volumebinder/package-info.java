/**
 * Binds claims to volumes, one to one. Both sides name the other: the volume its claim ({@code spec.claimRef}, with uid), the
 * claim its volume ({@code spec.volumeName}). Since no two objects can be written at once, the volume is written first: as
 * long as only it names its claim, everybody who looks, a process that starts after a crash included, can complete the
 * binding; and if two claims reach for a volume, its resource version lets one of them win.
 *
 * <pre>
 *   claim ──► {@link io.keelson.controllers.volumebinder.ClaimRules} ──decision──► {@link io.keelson.controllers.volumebinder.Binder}
 *                                                                          1. volume.spec.claimRef
 *                                                                          2. volume.status.phase = Bound
 *                                                                          3. claim.spec.volumeName, bind-completed
 *                                                                          4. claim.status.phase = Bound
 *   volume ─► {@link io.keelson.controllers.volumebinder.VolumeRules} ──decision──► Available · Bound · Released · Failed · unbound
 * </pre>
 *
 * <p>Rules compute and have no I/O; {@link io.keelson.controllers.volumebinder.Bindings} makes the changed copies;
 * {@link io.keelson.controllers.volumebinder.Binder} carries out a decision through a {@link
 * io.keelson.controllers.volumebinder.Volumes}, which in a process is the API and its caches. What was chosen and the cache
 * does not show yet is in {@link io.keelson.controllers.volumebinder.TakenVolumes}, so that claims which want the same do not
 * all reach for one volume; without it nothing would be wrong, only slower.
 *
 * <p>Volumes are made and deleted by others, to whom this controller speaks by annotations; it has no plugins of its own. So
 * a volume that nobody provisioned and that is to be deleted, or is to be recycled, becomes Failed when it is released.
 */
@NullMarked
package io.keelson.controllers.volumebinder;

import org.jspecify.annotations.NullMarked;
