/**
 * A node is hurt by kill -9 again and again while pods come, change and go, and must be as it was when they are gone.
 *
 * <pre>
 *   NodeProcesses   the whole cluster in one process, or its parts in processes of their own, begun again when they are killed
 *        ▲
 *     KillRun ──►  Victim       which process is killed next: one of those, a pod's shim, a process of a container
 *        │    ◄──► Workload     pods of all kinds, created, changed and deleted meanwhile
 *        ├── Machine            what there is on the machine, without asking those that made it ──► Belongings
 *        └── Judge              holds the pods of the API against what there is
 * </pre>
 *
 * <p>A run is made of rounds. In a round pods are made, processes are killed at random moments, all is left to settle, and
 * the judge looks: each pod runs or has ended as its policy says, once, and nothing was begun again that nobody killed. Then
 * all is deleted, and what the machine has must be what it had before the first round, thing by thing.
 */
@NullMarked
package io.keelson.dist.kills;

import org.jspecify.annotations.NullMarked;
