/**
 * What a cluster needs for other machines to join it: tokens ({@link io.keelson.dist.join.TokenCommand}), and the
 * objects by which a machine with a token finds out whom to trust and gets a certificate ({@link
 * io.keelson.dist.join.JoinAccess}). All are called as kubeadm calls them, so that its clusters take machines of ours,
 * and its commands know tokens of ours. The machine's side is {@link io.keelson.agent.join}.
 */
@NullMarked
package io.keelson.dist.join;

import org.jspecify.annotations.NullMarked;
