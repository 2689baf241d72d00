/**
 * {@code device-taint-eviction-controller}: pods leave devices that are tainted with {@code NoExecute} and whose taints their
 * claims do not tolerate, or not for longer. A taint is of a device's driver, in a ResourceSlice, or of an administrator, in
 * a {@link io.keelson.controllers.objects.DeviceTaintRule}.
 *
 * <p>A change of slices or rules comes in as the keys of the pods that use the devices in question; {@link
 * io.keelson.controllers.devicetainteviction.ClaimEviction} computes from taints and tolerations of each claim until when
 * its pods may stay, which depends on nothing that this process has seen, so a new leader comes to the same moment; {@link
 * io.keelson.controllers.devicetainteviction.DeviceTaintEvictionController} deletes the pod then. How far the eviction for a
 * rule is, {@link io.keelson.controllers.devicetainteviction.RuleProgress} puts into words for its status.
 */
@NullMarked
package io.keelson.controllers.devicetainteviction;

import org.jspecify.annotations.NullMarked;
