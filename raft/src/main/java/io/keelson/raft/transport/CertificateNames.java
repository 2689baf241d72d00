package io.keelson.raft.transport;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Whom a certificate is made out to. */
final class CertificateNames {
    private CertificateNames() {}

    /** The common name of the subject, the last one if there are several; empty if there is none. */
    static String commonName(X509Certificate certificate) throws CertificateException {
        try {
            String found = "";
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    found = String.valueOf(part.getValue());
                }
            }
            return found;
        } catch (InvalidNameException e) {
            throw new CertificateException("the certificate's subject is malformed", e);
        }
    }
}
