/**
 * Makes volumes out of directories of nodes, so that a claim works in a cluster that has no other storage. The binder asks
 * for a volume by an annotation on the claim; this controller makes a {@code hostPath} volume that names the claim, with node
 * affinity to the node that the scheduler selected; the binder completes the binding. When the volume is released it is
 * deleted again. It also makes the StorageClass {@code standard} if the cluster has no default class.
 *
 * <h2>The contract with the node agent</h2>
 *
 * <p>This controller speaks to the API only; directories belong to nodes. A volume of it has
 * <ul>
 *   <li>annotation {@code pv.kubernetes.io/provisioned-by: keelson.io/local-path};
 *   <li>annotation {@code keelson.io/local-path-node: NODE}, the node that has the directory;
 *   <li>finalizer {@code keelson.io/local-path}, which stands for the directory;
 *   <li>{@code spec.hostPath.path}, the directory: {@code DIR/VOLUME_NAMESPACE_CLAIM} with {@code DIR} from {@code
 *       --local-path-dir}, and {@code spec.hostPath.type: DirectoryOrCreate}.
 * </ul>
 *
 * <p>The directory is made when it is mounted first. Any kubelet does so, with mode 0755; an agent that knows this contract
 * makes it with mode 0777, so that pods of any user can write. When such a volume has a {@code deletionTimestamp}, the agent
 * of {@code NODE}, after all pods of the volume have been unmounted there, removes the directory with all that is in it,
 * provided that it lies in its own {@code --local-path-dir}, and then takes the finalizer off. It may find no directory: then
 * nothing was ever mounted, and only the finalizer goes. If it crashes in between it does the same again. A node that is no
 * longer in the API takes its directories with it: this controller takes the finalizer off in its place. On a node whose
 * agent does not know the contract the volume stays Terminating until somebody removes directory and finalizer.
 */
@NullMarked
package io.keelson.controllers.localpath;

import org.jspecify.annotations.NullMarked;
