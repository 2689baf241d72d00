package io.keelson.raft;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of the transport between members. The files are read again when they change.
 *
 * @param certFile PEM certificate chain shown to other members, both when they connect and when this member connects
 * @param keyFile PEM private key of it
 * @param clientCertFile PEM chain shown when connecting, if it is to differ from {@code certFile}
 * @param clientKeyFile key of {@code clientCertFile}
 * @param trustedCaFile PEM certificates that other members' certificates must lead to; null trusts the system's
 * @param crlFile revocation lists; a member one of whose certificates is on one of them is refused, whichever side
 *     connects; null for none
 * @param clientCertAuth whether a member that connects must show a certificate
 * @param allowedCn common names of members that this one talks to, whichever side connects; empty for any
 * @param allowedHostname hosts for one of which a member's certificate must be valid, likewise; empty for any
 * @param skipClientSanVerification whether a member that connects may come from another address than those its
 *     certificate is for; else one that has to show a certificate may not
 * @param serverName the name expected in the certificate of a member connected to; null expects the host of its URL
 * @param cipherSuites allowed cipher suites, empty for the platform's choice
 * @param protocols allowed TLS versions as the JDK names them, empty for the platform's choice
 * @param anyone whether every certificate is taken, whoever made it for whomever: what passes is encrypted, but an
 *     attacker between members can be one of them
 */
public record PeerTls(
        Path certFile,
        Path keyFile,
        @Nullable Path clientCertFile,
        @Nullable Path clientKeyFile,
        @Nullable Path trustedCaFile,
        @Nullable Path crlFile,
        boolean clientCertAuth,
        List<String> allowedCn,
        List<String> allowedHostname,
        boolean skipClientSanVerification,
        @Nullable String serverName,
        List<String> cipherSuites,
        List<String> protocols,
        boolean anyone) {}
