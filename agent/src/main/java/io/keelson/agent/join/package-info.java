/**
 * How a machine that knows a token, and where a cluster is, comes to trust that cluster: as kubeadm does it. The
 * cluster tells everybody its kubeconfig in {@code kube-public/cluster-info}, with a signature for each token; who has
 * the token sees that the cluster has it, too, and who has the hash of the authority's key sees that it is no other
 * cluster that has it.
 *
 * <p>An address, a {@link io.keelson.agent.join.JoinToken} and hashes go into {@link io.keelson.agent.join.Discovery};
 * a kubeconfig with the token comes out, which {@link io.keelson.agent.certificates.ClientCertificate} turns into a
 * certificate.
 */
@NullMarked
package io.keelson.agent.join;

import org.jspecify.annotations.NullMarked;
