package io.keelson.kvstore.server;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that issues and revokes certificates for tests, as PEM files in one folder. */
final class TestPki {
    /** Certificates are valid from a little before they are made: clocks of one machine agree, but tests compare seconds. */
    private static final Duration BEFORE = Duration.ofMinutes(1);

    private static final Duration AFTER = Duration.ofHours(1);

    private final Path folder;
    private final X500Name name;
    private final KeyPair key = keyPair();
    private final AtomicLong serial = new AtomicLong(1);
    private final X509Certificate certificate;
    private final Path caFile;

    /**
     * A certificate and its key.
     *
     * @param certFile PEM
     * @param keyFile PEM, PKCS #8
     */
    record Issued(Path certFile, Path keyFile, X509Certificate certificate, PrivateKey key) {}

    TestPki(Path folder, String name) {
        this.folder = folder;
        this.name = new X500Name("CN=" + name);
        this.certificate = certificate(this.name, key, true);
        this.caFile = folder.resolve(name + ".crt");
        write(caFile, certificate);
    }

    Path caFile() {
        return caFile;
    }

    X509Certificate ca() {
        return certificate;
    }

    /** A certificate for 127.0.0.1, localhost and a common name, in {@code COMMONNAME.crt} and {@code .key}. */
    Issued issue(String commonName) {
        KeyPair own = keyPair();
        Issued issued = new Issued(
                folder.resolve(commonName + ".crt"),
                folder.resolve(commonName + ".key"),
                certificate(new X500Name("CN=" + commonName), own, false),
                own.getPrivate());
        try {
            write(issued.keyFile(), new JcaPKCS8Generator(own.getPrivate(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(issued.certFile(), issued.certificate());
        return issued;
    }

    /** The list of what is revoked, as {@code --client-crl-file} takes it. */
    Path revoke(X509Certificate... revoked) {
        Instant now = Instant.now();
        X509v2CRLBuilder list = new X509v2CRLBuilder(name, Date.from(now.minus(BEFORE)));
        list.setNextUpdate(Date.from(now.plus(AFTER)));
        for (X509Certificate one : revoked) {
            list.addCRLEntry(one.getSerialNumber(), Date.from(now.minus(BEFORE)), 0);
        }
        Path file = folder.resolve("revoked.crl");
        write(file, list.build(signer()));
        return file;
    }

    private X509Certificate certificate(X500Name subject, KeyPair own, boolean authority) {
        Instant now = Instant.now();
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(serial.getAndIncrement()),
                    Date.from(now.minus(BEFORE)),
                    Date.from(now.plus(AFTER)),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!authority) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                    new GeneralName(GeneralName.dNSName, "localhost")
                }));
            }
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private ContentSigner signer() {
        try {
            return new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object content) {
        StringWriter text = new StringWriter();
        try {
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(content);
            }
            // Renamed into place, as those who renew certificates do: nobody reads half a file.
            Path made = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text.toString());
            Files.move(made, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
