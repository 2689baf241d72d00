/**
 * The node's certificates: by one it is known to the API, the other one it shows to those who ask it for logs and the
 * like.
 *
 * <pre>
 *   {@link io.keelson.agent.certificates.ClientCertificate}    by a token at first, by itself when it gets old
 *   {@link io.keelson.agent.certificates.FollowedCertificate}  the same for who stands beside the agent: as the agent has it
 *   {@link io.keelson.agent.certificates.ServingCertificate}   out of files, self-signed, or signed by the cluster
 *     {@link io.keelson.agent.certificates.Renewal}            when a new one is due, and until it is there
 *       {@link io.keelson.agent.certificates.CertificateRequests}  asks the cluster, and waits for its answer
 *       {@link io.keelson.agent.certificates.CertificateStore}     {@code pki/kubelet-client-current.pem} and the like
 *     {@link io.keelson.agent.certificates.ShownKey}           what handshakes show now
 *     {@code CertificateMetrics}                               how long they are good, and what went wrong
 * </pre>
 *
 * <p>Each certificate has a key of its own, which is made here and does not leave this machine. Key and certificate
 * are one file, and a link says which file counts: whenever the agent dies, the link leads to a pair that belongs
 * together.
 */
@NullMarked
package io.keelson.agent.certificates;

import org.jspecify.annotations.NullMarked;
