/**
 * {@code selinux-warning-controller}: warns of pods that could not use a volume together if it were mounted with the label
 * that SELinux has for it. Off unless {@code --controllers} names it; it is of use only where nodes have SELinux.
 *
 * <p>A pod comes in as a key, when it is made or a claim of it is bound. {@link
 * io.keelson.controllers.selinuxwarning.MountedVolumes} says with which labels its containers mount its volumes, {@link
 * io.keelson.controllers.selinuxwarning.VolumeUses} keeps who uses which volume how and tells what contradicts; each
 * contradiction is an event of both pods. Nothing else is written.
 */
@NullMarked
package io.keelson.controllers.selinuxwarning;

import org.jspecify.annotations.NullMarked;
