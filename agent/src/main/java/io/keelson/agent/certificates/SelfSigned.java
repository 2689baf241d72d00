package io.keelson.agent.certificates;

import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A pair of files that nobody vouches for, as the kubelet makes it for a node that was given none. */
final class SelfSigned {
    private static final Duration LIFE = Duration.ofDays(365);

    private SelfSigned() {}

    /**
     * Writes a new pair: a certificate for a name, and that of the authority made for it, whose key is thrown away.
     * The key is written last; one that has no certificate of its own is made anew by whoever starts next.
     */
    static CertifiedKey write(Path certificateFile, Path keyFile, String hostname, Instant now) throws IOException {
        // Clocks of others may be behind.
        Instant begin = now.minus(Duration.ofHours(1));
        try {
            CertificateKey authority = CertificateKey.generate(CertificateKey.NODES);
            CertificateKey key = CertificateKey.generate(CertificateKey.NODES);
            X500Name issuer = name(hostname + "-ca@" + now.getEpochSecond());
            byte[] root = sign(
                    builder(issuer, begin, issuer, authority.pair().getPublic())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                            .addExtension(
                                    Extension.keyUsage,
                                    true,
                                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                    authority.pair().getPrivate());
            byte[] leaf = sign(
                    builder(
                                    issuer,
                                    begin,
                                    name(hostname + "@" + now.getEpochSecond()),
                                    key.pair().getPublic())
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                            .addExtension(
                                    Extension.extendedKeyUsage,
                                    false,
                                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                            .addExtension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new GeneralNames(ServingNames.of(hostname))),
                    authority.pair().getPrivate());
            String chain = CertificateKey.block("CERTIFICATE", leaf) + CertificateKey.block("CERTIFICATE", root);
            WholeFile.writeDurably(certificateFile, chain);
            WholeFile.writeDurably(keyFile, key.pem());
            return CertifiedKey.parse(chain, "what was made here", key.pem(), "what was made here");
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("every Java makes such a certificate", e);
        }
    }

    private static X500Name name(String common) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, common).build();
    }

    private static X509v3CertificateBuilder builder(X500Name issuer, Instant begin, X500Name subject, PublicKey key) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, new SecureRandom()).setBit(0),
                Date.from(begin),
                Date.from(begin.plus(LIFE)),
                subject,
                key);
    }

    private static byte[] sign(X509v3CertificateBuilder certificate, PrivateKey by)
            throws IOException, OperatorCreationException {
        return certificate
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by))
                .getEncoded();
    }
}
