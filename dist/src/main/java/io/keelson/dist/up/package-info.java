/**
 * {@code keelson up}: a whole cluster in one process. {@link io.keelson.dist.up.UpCommand} reads what it is to be and starts a
 * process of its own for it, or runs it in the foreground; {@link io.keelson.dist.up.Cluster} starts the parts one after the
 * other, each as its own command would: the API server with its store, the controllers, the scheduler, the cloud controllers,
 * simulated nodes. Parts meet over the Kubernetes API only, so any of them can be left out and run elsewhere.
 *
 * <p>{@code keelson up --join} makes this machine a node of a cluster that runs elsewhere: {@link io.keelson.dist.up.JoinedMachine}
 * starts the same {@link io.keelson.dist.up.MachineNode} there, of what {@link io.keelson.dist.up.NodeConfiguration} the cluster
 * tells.
 *
 * <pre>
 *   FOLDER/process      which process it is, and where it serves ({@link io.keelson.dist.up.ProcessFile})
 *   FOLDER/steps        what it does at its start, for whoever waits ({@link io.keelson.dist.up.Steps})
 *   FOLDER/kubeconfig   the administrator's
 *   FOLDER/*.kubeconfig those of the parts ({@link io.keelson.dist.up.PartUsers}), or of the node that has joined
 *   FOLDER/join         on a machine that has joined: which cluster ({@link io.keelson.dist.up.JoinFile}); no store and pki then
 *   FOLDER/log          what it tells besides
 *   FOLDER/store, pki   the data, and keys and certificates
 *   FOLDER/members      the data in place of that in store, where the store has three members
 *                       ({@link io.keelson.dist.up.HighAvailability})
 *   FOLDER/node         what this machine has as a node ({@link io.keelson.dist.up.NodePlace}); besides, there are cgroups,
 *                       links and rules, and sockets in /run/keelson
 *   FOLDER/manifests    what is put there is applied ({@link io.keelson.dist.up.Manifests})
 * </pre>
 *
 * <p>{@link io.keelson.dist.up.DownCommand} ends the process, and pods go on; what it has left on the machine besides its folder
 * is found and taken away by {@link io.keelson.dist.up.ClusterRemains} and, where no other node of this machine uses it, {@link
 * io.keelson.dist.up.SharedRemains}. {@link io.keelson.dist.up.check} says before what the machine lacks.
 */
@NullMarked
package io.keelson.dist.up;

import org.jspecify.annotations.NullMarked;
