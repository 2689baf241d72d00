package io.keelson.controllers.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A certificate and its key, which others are signed with. */
record CertificateAuthority(X509Certificate certificate, PrivateKey key) {
    /** How long before now a certificate is valid already, for those whose clocks are behind. */
    private static final Duration BACKDATE = Duration.ofMinutes(5);

    /** A certificate of less than this is as long as it was asked for from now on; a longer one from its start on. */
    private static final Duration SHORT = Duration.ofHours(8);

    private static final int SERIAL_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Reads an authority.
     *
     * @param certificatePem the first certificate in it counts
     * @throws GeneralSecurityException if it is none, or the key is of another kind
     */
    static CertificateAuthority parse(String certificatePem, String keyPem)
            throws GeneralSecurityException, IOException {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.UTF_8)));
        PrivateKey key = key(keyPem);
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            throw new GeneralSecurityException("the key is of another kind than that of the certificate");
        }
        return new CertificateAuthority(certificate, key);
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException, IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                switch (object) {
                    case PEMKeyPair pair -> {
                        return converter.getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    default -> {
                        // Parameters of a curve may come before the key.
                    }
                }
            }
        }
        throw new GeneralSecurityException("no private key found");
    }

    /**
     * Makes a certificate.
     *
     * @param validity from now on, or from a little before if it is long; never longer than the authority's own
     * @return in the form of PEM
     * @throws CertificateRequestException if a usage is not known
     * @throws IllegalStateException if the authority's certificate has expired, or its key cannot sign or is another's
     */
    String sign(RequestedCertificate request, KeyUsages usages, Duration validity, Instant now)
            throws CertificateRequestException {
        Instant start = now.minus(BACKDATE);
        Instant wished = validity.compareTo(SHORT) < 0 ? now.plus(validity) : start.plus(validity);
        Instant own = certificate.getNotAfter().toInstant();
        if (!now.isBefore(own)) {
            throw new IllegalStateException("refusing to sign a certificate that expired in the past: NotAfter=" + own);
        }
        Instant end = wished.isBefore(own) ? wished : own;
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                    new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
                    Date.from(start),
                    Date.from(end),
                    request.subject(),
                    request.key());
            extend(builder, request, usages);
            X509CertificateHolder made = builder.build(signer());
            if (!made.isSignatureValid(new JcaContentVerifierProviderBuilder().build(certificate))) {
                throw new IllegalStateException("the key is not that of the authority's certificate");
            }
            return pem(made.getEncoded());
        } catch (IOException | GeneralSecurityException | OperatorCreationException | CertException e) {
            throw new IllegalStateException("the certificate cannot be signed", e);
        }
    }

    private void extend(X509v3CertificateBuilder builder, RequestedCertificate request, KeyUsages usages)
            throws IOException, GeneralSecurityException {
        if (usages.bits() != 0) {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usages.bits()));
        }
        if (!usages.purposes().isEmpty()) {
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(usages.purposes().toArray(KeyPurposeId[]::new)));
        }
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        if (certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId()) != null) {
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(subjectKeyIdentifier()));
        }
        if (!request.alternativeNames().isEmpty()) {
            // Where nothing else says whose it is, it must not be overlooked.
            boolean critical = request.subject().getRDNs().length == 0;
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    critical,
                    new GeneralNames(request.alternativeNames().toArray(GeneralName[]::new)));
        }
    }

    private byte[] subjectKeyIdentifier() throws IOException {
        return ASN1OctetString.getInstance(JcaX509ExtensionUtils.parseExtensionValue(
                        certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId())))
                .getOctets();
    }

    private ContentSigner signer() throws OperatorCreationException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> ecAlgorithm();
            case "RSA" -> "SHA256withRSA";
            // Ed25519 and its like name what they sign with.
            default -> key.getAlgorithm();
        };
        return new JcaContentSignerBuilder(algorithm.equals("EdDSA") ? "Ed25519" : algorithm).build(key);
    }

    private String ecAlgorithm() {
        int bits = key instanceof ECKey ec ? ec.getParams().getOrder().bitLength() : 256;
        return bits <= 256 ? "SHA256withECDSA" : bits <= 384 ? "SHA384withECDSA" : "SHA512withECDSA";
    }

    private static String pem(byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject("CERTIFICATE", der));
        }
        return text.toString();
    }
}
