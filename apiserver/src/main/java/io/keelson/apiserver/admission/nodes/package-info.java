/**
 * What nodes may write. The authorizer knows only which object a node wants to change; what is in it is looked at here:
 * a node's own Node and lease, pods that are bound to it, tokens for the accounts of those pods.
 */
@NullMarked
package io.keelson.apiserver.admission.nodes;

import org.jspecify.annotations.NullMarked;
