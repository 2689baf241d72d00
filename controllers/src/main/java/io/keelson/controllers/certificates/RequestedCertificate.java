package io.keelson.controllers.certificates;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * What a request in the form of PKCS #10 asks for.
 *
 * @param alternativeNames of the kinds that certificates here may have: names of hosts, addresses, mail, URIs
 */
record RequestedCertificate(X500Name subject, List<GeneralName> alternativeNames, PublicKey key) {
    private static final List<Integer> KINDS = List.of(
            GeneralName.dNSName, GeneralName.iPAddress, GeneralName.rfc822Name, GeneralName.uniformResourceIdentifier);

    /**
     * Reads a request, and checks that whoever made it has its key.
     *
     * @param base64 of PEM
     * @throws CertificateRequestException if it is none
     */
    static RequestedCertificate parse(@Nullable String base64) throws CertificateRequestException {
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der(base64));
            PublicKey key = request.getPublicKey();
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new CertificateRequestException("unable to verify certificate request signature");
            }
            return new RequestedCertificate(request.getSubject(), names(request.getRequestedExtensions()), key);
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | IllegalArgumentException
                | IllegalStateException
                | ClassCastException
                | ArrayIndexOutOfBoundsException e) {
            // The decoders throw these, too, at what is no ASN.1 of the right shape.
            throw new CertificateRequestException(String.valueOf(e.getMessage()), e);
        }
    }

    private static byte[] der(@Nullable String base64) throws CertificateRequestException, IOException {
        String pem = new String(Base64.getDecoder().decode(base64 == null ? "" : base64), StandardCharsets.UTF_8);
        try (PemReader reader = new PemReader(new StringReader(pem))) {
            PemObject object = reader.readPemObject();
            if (object == null || !object.getType().equals("CERTIFICATE REQUEST")) {
                throw new CertificateRequestException("PEM block type must be CERTIFICATE REQUEST");
            }
            return object.getContent();
        }
    }

    private static List<GeneralName> names(@Nullable Extensions extensions) {
        GeneralNames all =
                extensions == null ? null : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        List<GeneralName> names = new ArrayList<>();
        if (all != null) {
            for (GeneralName name : all.getNames()) {
                if (KINDS.contains(name.getTagNo())) {
                    names.add(name);
                }
            }
        }
        return List.copyOf(names);
    }

    /** The last common name of the subject; empty if there is none. */
    String commonName() {
        List<String> names = values(BCStyle.CN);
        return names.isEmpty() ? "" : names.getLast();
    }

    /** The organizations of the subject, in their order. */
    List<String> organizations() {
        return values(BCStyle.O);
    }

    private List<String> values(ASN1ObjectIdentifier type) {
        List<String> values = new ArrayList<>();
        for (RDN part : subject.getRDNs()) {
            for (AttributeTypeAndValue pair : part.getTypesAndValues()) {
                if (pair.getType().equals(type)) {
                    values.add(text(pair.getValue()));
                }
            }
        }
        return values;
    }

    private static String text(ASN1Encodable value) {
        // As it stands, not as it is written in a name of several parts: it is compared with names of users.
        return value instanceof ASN1String string ? string.getString() : IETFUtils.valueToString(value);
    }

    /** Whether there is an alternative name of a kind, as {@link GeneralName} numbers them. */
    boolean hasName(int kind) {
        return alternativeNames.stream().anyMatch(name -> name.getTagNo() == kind);
    }
}
