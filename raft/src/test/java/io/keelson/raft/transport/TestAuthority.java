package io.keelson.raft.transport;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** An authority that issues and revokes certificates for tests, as PEM files in one folder. */
public final class TestAuthority {
    /** Certificates are valid from a little before they are made: clocks of one machine agree, but tests compare seconds. */
    private static final Duration BEFORE = Duration.ofMinutes(1);

    private static final Duration AFTER = Duration.ofHours(1);

    /** How a private key is written. */
    public enum KeyForm {
        PKCS8,
        SEC1,
        PKCS1
    }

    /**
     * A certificate and its key.
     *
     * @param certFile PEM
     * @param keyFile PEM
     */
    public record Issued(Path certFile, Path keyFile, X509Certificate certificate) {}

    private final Path folder;
    private final X500Name name;
    private final KeyPair key = ecKey();
    private final AtomicLong serial = new AtomicLong(1);
    private final X509Certificate certificate;
    private final Path caFile;

    /** Writes its own certificate to {@code NAME.crt}. */
    public TestAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = new X500Name("CN=" + name);
        this.certificate = certificate(name, key, true);
        this.caFile = folder.resolve(name + ".crt");
        write(caFile, certificate);
    }

    public Path caFile() {
        return caFile;
    }

    public X509Certificate ca() {
        return certificate;
    }

    /** A certificate in {@code COMMONNAME.crt} with its key in {@code COMMONNAME.key}, PKCS #8. */
    public Issued issue(String commonName) {
        return issue(commonName, commonName, KeyForm.PKCS8);
    }

    /** A certificate for 127.0.0.1, localhost and the common name in {@code PREFIX.crt} with its key in {@code PREFIX.key}. */
    public Issued issue(String prefix, String commonName, KeyForm form) {
        return issue(
                prefix,
                commonName,
                form,
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.dNSName, commonName));
    }

    /** A certificate for the hosts alone that are given, addresses or names, in {@code PREFIX.crt}. */
    public Issued issueFor(String prefix, String... hosts) {
        return issue(
                prefix,
                prefix,
                KeyForm.PKCS8,
                Arrays.stream(hosts)
                        .map(host -> new GeneralName(
                                NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)
                                        ? GeneralName.iPAddress
                                        : GeneralName.dNSName,
                                host))
                        .toArray(GeneralName[]::new));
    }

    private Issued issue(String prefix, String commonName, KeyForm form, GeneralName... hosts) {
        KeyPair own = form == KeyForm.PKCS1 ? rsaKey() : ecKey();
        Issued issued = new Issued(
                folder.resolve(prefix + ".crt"),
                folder.resolve(prefix + ".key"),
                certificate(commonName, own, false, hosts));
        try {
            write(issued.keyFile(), pem(own, form));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(issued.certFile(), issued.certificate());
        return issued;
    }

    private static PemObject pem(KeyPair own, KeyForm form) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(own.getPrivate().getEncoded());
        return switch (form) {
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
    }

    /** The list of what is revoked, in {@code revoked.crl}. */
    public Path revoke(X509Certificate... revoked) {
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

    private X509Certificate certificate(String subject, KeyPair own, boolean authority, GeneralName... hosts) {
        Instant now = Instant.now();
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(serial.getAndIncrement()),
                    Date.from(now.minus(BEFORE)),
                    Date.from(now.plus(AFTER)),
                    new X500Name("CN=" + subject),
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (hosts.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(hosts));
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

    private static KeyPair ecKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
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

    private static void write(Path file, Object content) {
        StringWriter text = new StringWriter();
        try {
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(content);
            }
            // Renamed into place, as those who renew certificates do: nobody reads half a file.
            Path made = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text.toString());
            Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
