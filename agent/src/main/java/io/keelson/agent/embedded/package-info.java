/**
 * A container runtime that needs no daemon: it speaks CRI, and makes containers with the kernel itself. The images are
 * those of {@link io.keelson.agent.embedded.images}.
 *
 * <pre>
 *   CRI ──► EmbeddedRuntime ─┬─ Sandboxes ── SandboxNetwork      one shim for each pod, apart from the agent
 *                            ├─ Containers ─ Images, cgroups           ┌──────────────┐
 *                            │      └─ ContainerStart ─── START ─────► │ keelson-shim │──► containers
 *                            ├─ SyncExec, PodStreams ──── EXEC … ────► │   (C)        │──► log files
 *                            ├─ ShimWatch ◄────────────── EXITED ───── └──────┬───────┘
 *                            ├─ Statistics ◄── cgroups                        │
 *                            └─ Recovery ◄──────────── the state's folder ◄───┘ "exit" of each container
 * </pre>
 *
 * <p><b>Who keeps what.</b> Java decides: what is mounted, which capabilities, which filter of system calls, which
 * cgroups with which limits. It says so to the pod's shim in one message, and the shim does it in the child that
 * becomes the container, step by step; the step that fails comes back as a text. The shim is the containers' parent: it
 * writes their logs, holds their input, and writes down how they ended. So a pod goes on while there is no agent, and
 * nothing of it is lost. A shim that is killed takes its containers with it; that is seen and told.
 *
 * <p><b>Users of a pod's own.</b> The shim makes the user namespace first, and all others of the pod in it, but stays one
 * of the node's processes. Its children open what is mounted while they still are, too, and have the kernel map the
 * owners of files there; the layers of an image are merged through a mapped view of the whole store. Nothing is copied,
 * and no owner on a disk is changed.
 *
 * <p><b>Other runtimes.</b> What a container is to be is one {@code ContainerPlan}. {@code ShimSpec} says it to a shim;
 * for a pod of a runtime class, {@code OciConfig} writes it down for an OCI runtime, which the shim runs, and which leaves
 * the container to the shim. Only where a shim is killed there is a difference: such containers end when that is seen.
 *
 * <p><b>On disk.</b> Under the root, {@code sandboxes/ID} has {@code request} (what was asked for), {@code record} (how
 * far it is), {@code netns} and {@code userns} (namespaces, mounted), {@code oci} (what an OCI runtime keeps), {@code shm}, the pod's {@code hosts}, {@code hostname}
 * and {@code resolv.conf}; {@code sandboxes/ID/containers/ID} has {@code config}, {@code record}, {@code resources} and
 * {@code exit}. Every file is there whole or not at all. A folder is made before what belongs to it and removed after
 * it, and a record is written last; so what has no record was half made, and the next start takes it away
 * ({@code Recovery}).
 *
 * <p><b>Locks.</b> Each sandbox has one, held while it or one of its containers is changed, also over calls to its
 * shim; no call needs two of them. Who only looks takes none: what changes is one volatile value.
 *
 * <p><b>Left out.</b> There are no SELinux labels, no CDI devices, no checkpoints, and no users of their own for pods of
 * OCI runtimes. Volumes that only an image asks for are part of the container's own layer.
 */
@NullMarked
package io.keelson.agent.embedded;

import org.jspecify.annotations.NullMarked;
