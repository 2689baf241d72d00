package io.keelson.apiserver.authn;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** What a certificate says about its subject, read from its bytes and not from any text form that could be forged. */
record CertificateSubject(String commonName, List<String> organizations, List<String> uids) {
    /** The attribute for a user's UID. */
    static final ASN1ObjectIdentifier UID = new ASN1ObjectIdentifier("1.3.6.1.4.1.57683.2");

    static CertificateSubject of(X509Certificate certificate) {
        String commonName = "";
        List<String> organizations = new ArrayList<>();
        List<String> uids = new ArrayList<>();
        X500Name name =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        for (RDN rdn : name.getRDNs()) {
            for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
                ASN1Encodable value = attribute.getValue();
                if (!(value instanceof ASN1String text)) {
                    continue;
                }
                if (attribute.getType().equals(BCStyle.CN)) {
                    commonName = text.getString();
                } else if (attribute.getType().equals(BCStyle.O)) {
                    organizations.add(text.getString());
                } else if (attribute.getType().equals(UID)) {
                    uids.add(text.getString());
                }
            }
        }
        return new CertificateSubject(commonName, organizations, uids);
    }
}
