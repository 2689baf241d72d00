/**
 * {@code node-ipam-controller}: gives each node a range of addresses for its pods.
 *
 * <p>Nodes come in; {@link io.keelson.controllers.nodeipam.Allocations} knows which ranges the nodes have, out of one {@link
 * io.keelson.controllers.nodeipam.CidrSet} for each family; the ranges of a node that has none go out into its {@code
 * podCIDRs}. What the nodes say is the truth: a new leader reads all of it before it gives anything away.
 */
@NullMarked
package io.keelson.controllers.nodeipam;

import org.jspecify.annotations.NullMarked;
