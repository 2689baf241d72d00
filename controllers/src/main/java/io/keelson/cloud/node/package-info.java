/**
 * {@code cloud-node-controller} and {@code cloud-node-lifecycle-controller}: what Nodes say of their machines, and what
 * becomes of Nodes whose machines are gone.
 *
 * <p>A kubelet that leaves its Node to a cloud taints it. The first controller asks the provider about the machine,
 * writes {@link io.keelson.cloud.node.Initialization}'s result in one write with the end of the taint, and keeps the
 * {@linkplain io.keelson.cloud.node.CloudAddresses addresses} up to date from then on. The second looks at Nodes that
 * are not ready: by {@link io.keelson.cloud.node.Fate} one whose machine is gone is deleted, and one whose machine is
 * shut down is tainted.
 */
@NullMarked
package io.keelson.cloud.node;

import org.jspecify.annotations.NullMarked;
