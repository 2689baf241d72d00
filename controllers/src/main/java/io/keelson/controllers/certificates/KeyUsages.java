package io.keelson.controllers.certificates;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * Usages of a key as a certificate has them.
 *
 * @param bits of {@link KeyUsage}
 */
record KeyUsages(int bits, List<KeyPurposeId> purposes) {
    private static final Map<String, Integer> BITS = Map.of(
            "signing", KeyUsage.digitalSignature,
            "digital signature", KeyUsage.digitalSignature,
            "content commitment", KeyUsage.nonRepudiation,
            "key encipherment", KeyUsage.keyEncipherment,
            "key agreement", KeyUsage.keyAgreement,
            "data encipherment", KeyUsage.dataEncipherment,
            "cert sign", KeyUsage.keyCertSign,
            "crl sign", KeyUsage.cRLSign,
            "encipher only", KeyUsage.encipherOnly,
            "decipher only", KeyUsage.decipherOnly);
    private static final Map<String, KeyPurposeId> PURPOSES = Map.ofEntries(
            Map.entry("any", KeyPurposeId.anyExtendedKeyUsage),
            Map.entry("server auth", KeyPurposeId.id_kp_serverAuth),
            Map.entry("client auth", KeyPurposeId.id_kp_clientAuth),
            Map.entry("code signing", KeyPurposeId.id_kp_codeSigning),
            Map.entry("email protection", KeyPurposeId.id_kp_emailProtection),
            Map.entry("s/mime", KeyPurposeId.id_kp_emailProtection),
            Map.entry("ipsec end system", KeyPurposeId.id_kp_ipsecEndSystem),
            Map.entry("ipsec tunnel", KeyPurposeId.id_kp_ipsecTunnel),
            Map.entry("ipsec user", KeyPurposeId.id_kp_ipsecUser),
            Map.entry("timestamping", KeyPurposeId.id_kp_timeStamping),
            Map.entry("ocsp signing", KeyPurposeId.id_kp_OCSPSigning),
            Map.entry("microsoft sgc", purpose("1.3.6.1.4.1.311.10.3.3")),
            Map.entry("netscape sgc", purpose("2.16.840.1.113730.4.1")));

    private static KeyPurposeId purpose(String identifier) {
        return KeyPurposeId.getInstance(new ASN1ObjectIdentifier(identifier));
    }

    /**
     * Usages by their names in the API.
     *
     * @throws CertificateRequestException if one is not known
     */
    static KeyUsages of(Collection<String> names) throws CertificateRequestException {
        int bits = 0;
        List<KeyPurposeId> purposes = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (String name : names) {
            KeyPurposeId purpose = PURPOSES.get(name);
            if (BITS.containsKey(name)) {
                bits |= BITS.get(name);
            } else if (purpose == null) {
                unknown.add('"' + name + '"');
            } else if (!purposes.contains(purpose)) {
                purposes.add(purpose);
            }
        }
        if (!unknown.isEmpty()) {
            throw new CertificateRequestException("unrecognized usage values: [" + String.join(" ", unknown) + ']');
        }
        return new KeyUsages(bits, List.copyOf(purposes));
    }
}
