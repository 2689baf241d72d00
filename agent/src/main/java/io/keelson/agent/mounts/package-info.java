/**
 * What the kernel says is mounted where, read in one place for all who ask.
 *
 * <pre>
 *   /proc/self/mountinfo ──► {@link io.keelson.agent.mounts.MountTable}    volumes, snapshots, sandboxes, what they leave
 *                                     └──► {@link io.keelson.agent.mounts.CgroupMounts}   limits and figures of pods and containers
 * </pre>
 *
 * <p>Both are values of one moment: who unmounts reads anew.
 */
@NullMarked
package io.keelson.agent.mounts;

import org.jspecify.annotations.NullMarked;
