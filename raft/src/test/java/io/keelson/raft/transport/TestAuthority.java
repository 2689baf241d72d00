package io.keelson.raft.transport;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A certificate authority that writes certificates and keys for 127.0.0.1 into PEM files. */
public final class TestAuthority {
    /** How a private key is written. */
    public enum KeyForm {
        PKCS8,
        SEC1,
        PKCS1
    }

    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final String name;
    private final KeyPair key;
    private final Path file;

    public TestAuthority(Path directory, String name) {
        this.name = name;
        this.key = ecKey();
        this.file = directory.resolve(name + ".crt");
        write(file, certificate(name, key, name, key, true));
    }

    public Path file() {
        return file;
    }

    /** Writes {@code prefix.crt} and {@code prefix.key}. */
    public void issue(Path directory, String prefix, String commonName, KeyForm form) {
        try {
            KeyPair own = form == KeyForm.PKCS1 ? rsaKey() : ecKey();
            write(directory.resolve(prefix + ".crt"), certificate(commonName, own, name, key, false));
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(own.getPrivate().getEncoded());
            PemObject pem = switch (form) {
                case PKCS8 -> new PemObject("PRIVATE KEY", own.getPrivate().getEncoded());
                case PKCS1 ->
                    new PemObject(
                            "RSA PRIVATE KEY",
                            info.parsePrivateKey().toASN1Primitive().getEncoded());
                case SEC1 ->
                    new PemObject(
                            "EC PRIVATE KEY",
                            new ECPrivateKey(
                                            256,
                                            ECPrivateKey.getInstance(info.parsePrivateKey())
                                                    .getKey(),
                                            info.getPrivateKeyAlgorithm().getParameters())
                                    .getEncoded());
            };
            write(directory.resolve(prefix + ".key"), pem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair ecKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair rsaKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2_048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509CertificateHolder certificate(
            String subject, KeyPair subjectKey, String issuer, KeyPair issuerKey, boolean authority) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=" + issuer),
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(now.minus(1, ChronoUnit.HOURS)),
                    Date.from(now.plus(1, ChronoUnit.DAYS)),
                    new X500Name("CN=" + subject),
                    subjectKey.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!authority) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.dNSName, subject)
                }));
            }
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate()));
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object content) {
        StringWriter text = new StringWriter();
        try {
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(content);
            }
            Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
