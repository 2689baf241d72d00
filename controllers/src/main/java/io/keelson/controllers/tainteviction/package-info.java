/**
 * {@code taint-eviction-controller}: pods leave nodes whose {@code NoExecute} taints they do not tolerate, or not for longer.
 *
 * <p>A change of a node's taints, or of a pod's tolerations or node, comes in as the key of a pod; {@link
 * io.keelson.controllers.tainteviction.Stay} computes from both how long the pod may stay; {@link
 * io.keelson.controllers.tainteviction.TaintEvictionController} deletes it when that is over. Since when a pod has been on a
 * tainted node is what this room remembers, as the original does: a new leader counts anew.
 */
@NullMarked
package io.keelson.controllers.tainteviction;

import org.jspecify.annotations.NullMarked;
