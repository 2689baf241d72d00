package io.keelson.apiserver.authn;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Verifies chains of client certificates against authorities. */
final class CertificateVerifier {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int CHAIN_MAX = 10;

    private CertificateVerifier() {}

    /**
     * @param shown what the client showed, its own certificate first, others in any order
     * @return until when the whole chain holds
     * @throws AuthenticationException if no chain leads to an authority, or one is not for clients
     */
    static Instant verify(List<X509Certificate> shown, List<X509Certificate> authorities, Instant now)
            throws AuthenticationException {
        X509Certificate own = shown.getFirst();
        if (now.isBefore(own.getNotBefore().toInstant())
                || now.isAfter(own.getNotAfter().toInstant())) {
            throw new AuthenticationException("x509: certificate has expired or is not yet valid: current time " + now
                    + " is not between " + own.getNotBefore().toInstant() + " and "
                    + own.getNotAfter().toInstant());
        }
        if (shown.size() > CHAIN_MAX) {
            throw new AuthenticationException("x509: too many certificates shown");
        }
        Instant end = own.getNotAfter().toInstant();
        requireClientUsage(own);
        try {
            Set<TrustAnchor> anchors = new HashSet<>();
            authorities.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(own);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            parameters.setMaxPathLength(CHAIN_MAX);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(shown)));
            for (var certificate : CertPathBuilder.getInstance("PKIX")
                    .build(parameters)
                    .getCertPath()
                    .getCertificates()) {
                if (certificate instanceof X509Certificate link) {
                    requireClientUsage(link);
                    Instant linkEnd = link.getNotAfter().toInstant();
                    end = linkEnd.isBefore(end) ? linkEnd : end;
                }
            }
            return end;
        } catch (CertPathBuilderException e) {
            throw new AuthenticationException("x509: certificate signed by unknown authority");
        } catch (GeneralSecurityException e) {
            throw new AuthenticationException("x509: certificate cannot be verified: " + e.getMessage());
        }
    }

    /** A certificate that states no usages may be used for all. */
    private static void requireClientUsage(X509Certificate certificate) throws AuthenticationException {
        try {
            List<String> usages = certificate.getExtendedKeyUsage();
            if (usages != null && !usages.contains(CLIENT_AUTH) && !usages.contains(ANY_USAGE)) {
                throw new AuthenticationException("x509: certificate specifies an incompatible key usage");
            }
        } catch (CertificateParsingException e) {
            throw new AuthenticationException("x509: malformed certificate");
        }
    }
}
