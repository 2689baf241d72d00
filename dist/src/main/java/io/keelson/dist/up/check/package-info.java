/**
 * {@code keelson check}: what a machine lacks for a cluster with real pods, and what to do about it. {@link
 * io.keelson.dist.up.check.CheckCommand} has {@link io.keelson.dist.up.check.MachineReader} read {@link
 * io.keelson.dist.up.check.Facts} from the kernel's files, and the judges make findings of them:
 *
 * <pre>
 *   /proc, /sys ──► MachineReader ──► Facts ─┬─ SystemJudge    kernel, rights, namespaces, seccomp
 *                                            ├─ CgroupJudge
 *                                            ├─ RoomJudge      disk, memory, limits of files and processes
 *                                            ├─ NetworkJudge   nftables, switches, ports
 *                                            └─ NodeJudge      programs, runtime, plugins, clock, what is left of earlier
 *                                                   │
 *                                                   └──► Findings, a line each
 * </pre>
 *
 * <p>Judges are functions of facts. Readers change nothing: what has to be tried is tried in a network namespace of its own.
 */
@NullMarked
package io.keelson.dist.up.check;

import org.jspecify.annotations.NullMarked;
