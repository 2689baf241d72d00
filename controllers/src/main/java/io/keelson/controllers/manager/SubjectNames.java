package io.keelson.controllers.manager;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * Whom a certificate names.
 *
 * @param commonName empty if it has none
 * @param organizations the groups that it says he is in
 */
record SubjectNames(String commonName, List<String> organizations) {
    /** Those of a certificate. */
    static SubjectNames of(X509Certificate certificate) {
        String commonName = "";
        List<String> organizations = new ArrayList<>();
        X500Name name =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        for (RDN part : name.getRDNs()) {
            // Go writes all organizations into one part.
            for (AttributeTypeAndValue attribute : part.getTypesAndValues()) {
                if (!(attribute.getValue() instanceof ASN1String value)) {
                    continue;
                }
                if (attribute.getType().equals(BCStyle.CN)) {
                    commonName = value.getString();
                } else if (attribute.getType().equals(BCStyle.O)) {
                    organizations.add(value.getString());
                }
            }
        }
        return new SubjectNames(commonName, organizations);
    }
}
